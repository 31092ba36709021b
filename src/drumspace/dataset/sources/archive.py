"""Extract selected files from an untrusted archive: only regular files, inside one folder, of bounded size."""

import errno
import gzip
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO

from drumspace.dataset.sources.record import Unavailable

AUDIO = frozenset({".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3"})
SOUND_FONTS = frozenset({".sf2", ".sf3"})
MAX_ENTRIES = 200_000
MAX_BYTES = 8 << 30
"""Largest total size of the files extracted from one archive."""
_LICENCE = re.compile(r"(copyright|licen[cs]e|copying)([._-][^/]*)?", re.IGNORECASE)
_LICENCE_SUFFIXES = frozenset({"", ".txt", ".md", ".rst"})
_DAMAGE_ERRORS = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    EOFError,
    NotImplementedError,  # a compression method that this Python does not support
)
_PATH_ERRORS = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL})


@dataclass(frozen=True)
class Entry:
    """A member of an archive."""

    path: str
    """Path inside the archive, with `/`."""
    open: Callable[[], IO[bytes]] | None
    """Function that opens the member for reading; None if it is not a regular file (a folder, a link, a device)."""


@dataclass(frozen=True)
class Selection:
    """Selection of the files to extract and their target paths: sounds, drumkit.xml and licence texts."""

    root: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]

    def target(self, path: str) -> str | None:
        """Target path of the member `path` (relative, with `/`), or None if it is not selected."""
        parts = PurePosixPath(path)
        if _LICENCE.fullmatch(parts.name) and parts.suffix.lower() in _LICENCE_SUFFIXES:
            return f"licences/{parts}"
        if not (is_sound(parts.name) or parts.name.lower() == "drumkit.xml"):
            return None
        if not parts.is_relative_to(self.root):
            return None
        inside = str(parts.relative_to(self.root))
        folded = inside.lower()
        included = any(fnmatchcase(folded, glob.lower()) for glob in self.include)
        return inside if included and not any(fnmatchcase(folded, glob.lower()) for glob in self.exclude) else None


def is_sound(name: str) -> bool:
    """Return True for the name of an audio file or SoundFont, judged by its suffix."""
    return PurePosixPath(name).suffix.lower() in AUDIO | SOUND_FONTS


def tar_entries(stream: IO[bytes], strip: int = 0) -> Iterator[Entry]:
    """Iterate over the members of a tar stream of any compression, without the first `strip` folders of their paths.

    The stream cannot seek, so each member must be read before the iterator advances.
    """
    with tarfile.open(fileobj=stream, mode="r|*") as archive:
        for member in archive:
            if member.isfile():
                yield Entry(_strip(member.name, strip), lambda member=member: _open_member(archive, member))  # type: ignore[misc]
            else:
                yield Entry(_strip(member.name, strip), None)


def zip_entries(path: Path, strip: int = 0) -> Iterator[Entry]:
    """Iterate over the members of a zip file, such as a wheel, without the first `strip` folders of their paths."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            # zip stores a symbolic link as a file with the Unix mode of a link; its content is the path of its target.
            is_plain = not info.is_dir() and (info.external_attr >> 28) in (0, 0o10)
            if info.flag_bits & 1:
                raise zipfile.BadZipFile(f"{info.filename} is encrypted")
            name = _strip(info.filename, strip)
            yield Entry(name, (lambda info=info: archive.open(info)) if is_plain else None)  # type: ignore[misc]


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
            if path.is_absolute() or ".." in path.parts:
                raise Unavailable(f"its archive has the path {entry.path!r}, which leads outside")
            target = selection.target(str(path)) if entry.open else None
            if target is None or entry.open is None:
                continue
            (out / target).parent.mkdir(parents=True, exist_ok=True)
            with entry.open() as stream, (out / target).open("wb") as file:
                remaining_bytes -= _copy(stream, file, remaining_bytes)
            if is_sound(target):
                sounds.add(target)
    except _DAMAGE_ERRORS as error:
        raise Unavailable(f"its archive is damaged ({type(error).__name__})") from error
    except OSError as error:
        if error.errno not in _PATH_ERRORS:
            raise
        raise Unavailable("its archive has a path that can't be created here") from error
    return len(sounds)


def _strip(name: str, count: int) -> str:
    """Remove the first `count` folders of a path. A path that leads outside is kept as it is: `unpack` rejects it."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return name
    return "/".join(path.parts[count:])


def _open_member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(member)
    if stream is None:
        raise tarfile.TarError(f"{member.name} has no bytes")
    return stream


def _copy(source: IO[bytes], target: IO[bytes], remaining_bytes: int) -> int:
    """Copy a stream and return its size. Raises Unavailable if it exceeds `remaining_bytes`."""
    copied = 0
    while data := source.read(1 << 20):
        copied += len(data)
        if copied > remaining_bytes:
            raise Unavailable(f"its archive unpacks to more than {MAX_BYTES >> 30} GiB")
        target.write(data)
    return copied
