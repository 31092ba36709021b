"""Extract selected files from an untrusted archive: only regular files, inside one folder, of bounded size."""

import errno
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO

from drumspace.dataset.sources.record import Unavailable
from drumspace.io.archives import DAMAGE_ERRORS, Entry, leads_outside

AUDIO = frozenset({".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3"})
SOUND_FONTS = frozenset({".sf2", ".sf3"})
LICENCES = "licences"
"""Folder of the extracted licence texts, each under its path in the archive."""
MAX_ENTRIES = 200_000
MAX_BYTES = 8 << 30
"""Largest total size of the files extracted from one archive."""
_LICENCE = re.compile(r"(copyright|licen[cs]e|copying)([._-][^/]*)?", re.IGNORECASE)
_LICENCE_SUFFIXES = frozenset({"", ".txt", ".md", ".rst"})
_PATH_ERRORS = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL})


@dataclass(frozen=True)
class Selection:
    """Selection of the files to extract and their target paths: sounds, drumkit.xml and licence texts."""

    root: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    licence_files: tuple[str, ...] = ()
    """Patterns of further files that state licences."""

    def target(self, path: str) -> str | None:
        """Target path of the member `path` (relative, with `/`), or None if it is not selected."""
        parts = PurePosixPath(path)
        if _LICENCE.fullmatch(parts.name) and parts.suffix.lower() in _LICENCE_SUFFIXES:
            return f"{LICENCES}/{parts}"
        if matches(path, self.licence_files):
            return f"{LICENCES}/{parts}"
        if not (is_sound(parts.name) or parts.name.lower() == "drumkit.xml"):
            return None
        if not parts.is_relative_to(self.root):
            return None
        inside = str(parts.relative_to(self.root))
        return inside if matches(inside, self.include) and not matches(inside, self.exclude) else None


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether a path matches one of the patterns; `*` matches any characters, also `/`, and case is ignored."""
    return any(fnmatchcase(path.lower(), glob.lower()) for glob in globs)


def is_sound(name: str) -> bool:
    """Return True for the name of an audio file or SoundFont, judged by its suffix."""
    return PurePosixPath(name).suffix.lower() in AUDIO | SOUND_FONTS


def unpack_sounds(
    title: str, entries: Iterable[Entry], selection: Selection, out: Path, report_progress: Callable[[str], None]
) -> int:
    """Unpack as `unpack` does and show the progress; `title` names the archive in errors.

    Raises Unavailable also if no sound is selected.
    """
    sounds = unpack(_with_progress(entries, report_progress), selection, out)
    if not sounds:
        raise Unavailable(f"the archive of {title} holds no sound selected by `root`, `include` and `exclude`")
    return sounds


def unpack(entries: Iterable[Entry], selection: Selection, out: Path) -> int:
    """Write the selected files into the folder `out`, created if necessary; return the number of sounds among them.

    Raises Unavailable if a path leads outside `out`, the archive is damaged, or it has more than MAX_ENTRIES members
    or MAX_BYTES of selected files. Files written before the error stay in `out`.
    """
    out.mkdir(parents=True, exist_ok=True)
    remaining_bytes = MAX_BYTES
    sounds = set()
    try:
        for number, entry in enumerate(entries):
            if number >= MAX_ENTRIES:
                raise Unavailable(f"its archive has more than {MAX_ENTRIES} members")
            path = PurePosixPath(entry.path)
            if leads_outside(entry.path):
                raise Unavailable(f"its archive has the path {entry.path!r}, which leads outside")
            target = selection.target(str(path)) if entry.open else None
            if target is None or entry.open is None:
                continue
            (out / target).parent.mkdir(parents=True, exist_ok=True)
            with entry.open() as stream, (out / target).open("wb") as file:
                remaining_bytes -= _copy(stream, file, remaining_bytes)
            if is_sound(target):
                sounds.add(target)
    except DAMAGE_ERRORS as error:
        raise Unavailable(f"its archive is damaged ({type(error).__name__})") from error
    except OSError as error:
        if error.errno not in _PATH_ERRORS:
            raise
        raise Unavailable("its archive has a path that can't be created here") from error
    return len(sounds)


def _copy(source: IO[bytes], target: IO[bytes], remaining_bytes: int) -> int:
    """Copy a stream and return its size. Raises Unavailable if it exceeds `remaining_bytes`."""
    copied = 0
    while data := source.read(1 << 20):
        copied += len(data)
        if copied > remaining_bytes:
            raise Unavailable(f"its archive unpacks to more than {MAX_BYTES >> 30} GiB")
        target.write(data)
    return copied


def _with_progress(entries: Iterable[Entry], report_progress: Callable[[str], None]) -> Iterator[Entry]:
    for number, entry in enumerate(entries):
        if number % 20 == 0:
            report_progress(f"unpacking {number}")
        yield entry
