"""Files of a folder and of the folders below it."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from drumspace.dataset.ingest.scan.sounds import SOUND_FONTS, SOUNDS, Rejected


def walk(
    folder: Path, parts: tuple[str, ...], above: tuple[str, ...], name: str, rejected: list[Rejected]
) -> Iterator[tuple[tuple[str, ...], Path]]:
    """Path from the source's root, and file, of every file below `folder`; links are followed.

    `above`: real paths of the folders above, to detect link loops.
    """
    above = (*above, os.path.realpath(folder))
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        rejected.append(Rejected("/".join((name, *parts)), f"folder cannot be listed ({error.strerror})"))
        return
    for entry in entries:
        entry_parts = (*parts, entry.name)
        if entry.name.startswith("._"):  # metadata files of macOS, which are no sounds whatever their suffix
            continue
        try:
            is_folder = entry.is_dir()
        except OSError as error:  # for example a link to itself
            reason = f"a link that leads nowhere ({error.strerror})"
            rejected.append(Rejected("/".join((name, *entry_parts)), reason))
            continue
        if is_folder and entry.name.startswith((".", "__MACOSX")):
            continue
        if is_folder and os.path.realpath(entry.path) in above:
            reason = "a link loop: it leads to a folder above itself"
            rejected.append(Rejected("/".join((name, *entry_parts)), reason))
        elif is_folder:
            yield from walk(Path(entry.path), entry_parts, above, name, rejected)
        elif suffix(entry.name) in SOUNDS | SOUND_FONTS and not _plain(entry_parts):
            reason = "its name or a folder's holds a line break, a control character or no UTF-8: rename it"
            rejected.append(Rejected("/".join((name, *entry_parts)), reason))
        else:
            yield entry_parts, Path(entry.path)


def _plain(parts: tuple[str, ...]) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs") for part in parts for character in part)


def suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
