"""Sounds that the scan of a source lists, files that it rejects, and the suffixes that it knows."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from drumspace.dataset.ingest.annotations import Annotation
from drumspace.dataset.ingest.soundfont.samples import Sample

SOUNDS = frozenset(
    f".{suffix}"
    for suffix in (
        *("wav", "wave", "rf64", "w64", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc"),
        *("au", "snd", "caf", "m4a", "aac", "wma", "wv", "ape"),
    )
)
"""Suffixes of sound files. Those that libsndfile cannot decode are among them: such files are rejected, not ignored."""
SOUND_FONTS = frozenset({".sf2", ".sf3"})


@dataclass(frozen=True)
class Sound:
    """A sound that may become a clip."""

    path: str
    """Path in the catalogue: source/…, with `/`."""
    file: Path
    origin: str
    """The source's name in params.yaml."""
    source: str
    kit: str
    """source/kit."""
    licence: str | None
    synthetic: bool
    instrument: str | None = None
    """Name of the instrument in a drumkit.xml or SoundFont."""
    keys: tuple[int, int] | None = None
    """Lowest and highest General MIDI key that plays it."""
    sample: Sample | None = None
    """Position of the sample in a SoundFont."""
    annotation: Annotation | None = None
    """Label from the source's own labels file."""
    name: str | None = None
    """Path for the naming rules, where it differs: without a title that all names of the folder begin with."""

    @property
    def named(self) -> str:
        """Path for the naming rules."""
        return self.name or self.path


class Rejected(NamedTuple):
    """A rejected file: a row of quarantine.csv."""

    path: str
    reason: str
