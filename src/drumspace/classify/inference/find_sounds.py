"""Sounds in files, folders, SoundFonts and archives that a user names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from drumspace.audio.format.suffixes import KIT_DOCUMENTS, suffix_of
from drumspace.dataset.ingest.catalogue import label_sound
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.scan.scan import scan_path
from drumspace.dataset.ingest.scan.sounds import Scan
from drumspace.dataset.ingest.shared_prefixes import without_shared_prefixes
from drumspace.dataset.ingest.soundfont.samples import Sample
from drumspace.errors import UserError


class Input(NamedTuple):
    """A sound, or a file that can't be read. It holds strings, since paths take twice the memory."""

    path: str
    """Path that starts as the user wrote it. Archives and SoundFonts are folders of it."""
    file: str = ""
    """The file that holds the sound; of an archive's member the unpacked copy."""
    sample: Sample | None = None
    """Position of the sample in a SoundFont."""
    is_other: bool = False
    """Whether the names say that it is a drum of none of the classes."""
    reason: str = ""
    """Why the file can't be read, such as a damaged archive; empty for a sound."""


@dataclass
class Inputs:
    """What is in the paths that a user names, each once."""

    items: list[Input] = field(default_factory=list)
    """All sounds and unreadable files: by what the user named, then by path."""
    remarks: dict[Path, str] = field(default_factory=dict)
    """What is wrong with kit documents: no sound is missing for it."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Number of files that were passed over, by suffix."""


def find_sounds(paths: Sequence[Path], unpacked: Path, rules: NamingRules) -> Inputs:
    """Find the sounds in `paths`; archives are unpacked into the folder `unpacked`.

    A file named itself is a sound whatever its suffix. The names of a folder's sounds begin with the folder's own.
    Raises UserError for a path that does not exist.
    """
    inputs = Inputs()
    seen: dict[bool, set[str]] = {True: set(), False: set()}  # an archive may hold a sound and a copy that is rejected
    for path in paths:
        if not path.exists():
            raise UserError(f"{path} does not exist: name sound files or folders of them.")
        result = scan_path(path, unpacked, rules)
        folder = path if path.is_dir() else path.parent
        items = _sounds(result, folder, f"{path.resolve().name}/" if path.is_dir() else "", rules)
        for rejected in result.rejected:
            if suffix_of(rejected.path) in KIT_DOCUMENTS:
                inputs.remarks.setdefault(folder / rejected.path, rejected.reason)
            else:
                items.append(Input(str(folder / rejected.path), reason=rejected.reason))
        items.sort(key=lambda item: item.path.replace("/", "\0"))  # the order of paths, part by part
        for item in items:
            if item.path not in seen[bool(item.reason)]:
                seen[bool(item.reason)].add(item.path)
                inputs.items.append(item)
        inputs.passed_over += result.passed_over
    return inputs


def _sounds(result: Scan, folder: Path, title: str, rules: NamingRules) -> list[Input]:
    """Sounds of a scan of `folder`, whose names begin with `title`."""
    names = without_shared_prefixes((title + sound.named for sound in result.sounds), rules)
    items = []
    for sound in result.sounds:
        path, file = str(folder / sound.path), str(sound.file)
        named = replace(sound, name=names[title + sound.named])
        is_other = label_sound(named, {}, rules).other
        items.append(Input(path, path if file == path else file, sound.sample, is_other))
    return items
