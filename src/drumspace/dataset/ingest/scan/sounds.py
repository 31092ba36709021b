"""Result of a scan: sounds, rejected files, and files that were passed over."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from drumspace.audio.format.suffixes import without_companions
from drumspace.dataset.ingest.annotations import Annotation
from drumspace.dataset.ingest.soundfont.samples import Sample


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound that may become a clip."""

    path: str
    """Path in the catalogue: source/…, with `/`. Archives and SoundFonts are folders of it."""
    file: Path
    """The file that holds it; of an archive's member the unpacked copy."""
    origin: str
    """The source's name in params.yaml."""
    source: str
    kit: str
    """source/kit."""
    licence: str | None
    synthetic: bool
    instrument: str | None = None
    """Name of the instrument in a kit's document or a SoundFont."""
    keys: tuple[int, int] | None = None
    """Lowest and highest General MIDI key that plays it."""
    sample: Sample | None = None
    """Position of the sample in a SoundFont."""
    annotation: Annotation | None = None
    """Label from the source's own labels file."""
    name: str | None = None
    """Path for the naming rules, where it differs: without a title that all names of the folder begin with, the
    suffixes of archives and the names of SoundFonts."""

    @property
    def named(self) -> str:
        """Path for the naming rules."""
        return self.name or self.path


class Rejected(NamedTuple):
    """A rejected file: a row of quarantine.csv."""

    path: str
    reason: str


@dataclass
class Scan:
    """Sounds and rejected files, and the number of files that were passed over, by suffix ('' for none)."""

    sounds: list[Sound] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)


def passed_over_text(passed_over: Mapping[str, int]) -> str:
    """'12 .rx2 files and 1 .rar file were not read': those that may hold sounds; empty if there are none."""
    counts = without_companions(passed_over)
    items = [f"{count} {suffix} file{'' if count == 1 else 's'}" for suffix, count in counts]
    if not items:
        return ""
    listed = " and ".join(filter(None, [", ".join(items[:-1]), items[-1]]))
    return f"{listed} {'was' if sum(count for _, count in counts) == 1 else 'were'} not read"
