"""Sounds in files, folders, SoundFonts and archives that a user names, with the names that labels depend on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from drumspace.audio.format.suffixes import KIT_DOCUMENTS, suffix_of
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.scan.scan import scan_path
from drumspace.dataset.ingest.scan.sounds import Sound
from drumspace.dataset.ingest.shared_prefixes import without_shared_prefixes
from drumspace.errors import UserError


@dataclass
class Inputs:
    """What is in the paths that a user names, each once. Paths start as the user wrote them."""

    paths: list[Path] = field(default_factory=list)
    """All sounds and unreadable files: by what the user named, then by path."""
    sounds: dict[Path, Sound] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)
    """Reason for each file that can't be read, such as a damaged archive."""
    remarks: dict[Path, str] = field(default_factory=dict)
    """What is wrong with kit documents: no sound is missing for it."""
    sequences: dict[Path, str] = field(default_factory=dict)
    """Kind of each sound with several hits, such as a loop; known once it is decoded."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Number of files that were passed over, by suffix."""


def find_sounds(paths: Sequence[Path], unpacked: Path, rules: NamingRules) -> Inputs:
    """Find the sounds in `paths`; archives are unpacked into the folder `unpacked`.

    A file named itself is a sound whatever its suffix. The names of a folder's sounds begin with the folder's own.
    Raises UserError for a path that does not exist.
    """
    inputs = Inputs()
    for path in paths:
        if not path.exists():
            raise UserError(f"{path} does not exist: name sound files or folders of them.")
        result = scan_path(path, unpacked, rules)
        folder = path if path.is_dir() else path.parent
        title = f"{path.resolve().name}/" if path.is_dir() else ""
        names = without_shared_prefixes((title + sound.named for sound in result.sounds), rules)
        for sound in result.sounds:
            inputs.sounds.setdefault(folder / sound.path, replace(sound, name=names[title + sound.named]))
        for item in result.rejected:
            is_document = suffix_of(item.path) in KIT_DOCUMENTS
            (inputs.remarks if is_document else inputs.unreadable).setdefault(folder / item.path, item.reason)
        items = [sound.path for sound in result.sounds] + [item.path for item in result.rejected]
        inputs.paths += sorted({folder / item for item in items} - {*inputs.paths, *inputs.remarks})
        inputs.passed_over += result.passed_over
    return inputs
