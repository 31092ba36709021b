"""Take chosen files out of an archive that may be hostile: plain files, inside one folder, bounded."""

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
"""Of all files taken out of one archive."""
_LICENCE = re.compile(r"(copyright|licen[cs]e|copying)([._-][^/]*)?", re.IGNORECASE)
_LICENCE_SUFFIXES = frozenset({"", ".txt", ".md", ".rst"})
_DAMAGE_ERRORS = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    EOFError,
    NotImplementedError,  # a compression that this Python lacks
)
_PATH_ERRORS = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL})


@dataclass(frozen=True)
class Entry:
    """A member of an archive."""

    path: str
    """As the archive has it, posix."""
    open: Callable[[], IO[bytes]] | None
    """Its bytes; None for what is no plain file (a folder, a link, a device)."""


@dataclass(frozen=True)
class Selection:
    """Which files of an archive are kept, and where: sounds, drumkit.xml, and texts of licences."""

    root: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]

    def target(self, path: str) -> str | None:
        """Path to keep `path` (posix, relative to the archive) under, or None to leave it out."""
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
    """Whether a file of this name is audio or a sound font."""
    return PurePosixPath(name).suffix.lower() in AUDIO | SOUND_FONTS


def tar_entries(stream: IO[bytes], strip: int = 0) -> Iterator[Entry]:
    """Members of a tar stream of any compression, `strip` leading folders cut off.

    Each must be read before the next is asked for.
    """
    with tarfile.open(fileobj=stream, mode="r|*") as archive:
        for member in archive:
            if member.isfile():
                yield Entry(_strip(member.name, strip), lambda member=member: _open_member(archive, member))  # type: ignore[misc]
            else:
                yield Entry(_strip(member.name, strip), None)


def zip_entries(path: Path, strip: int = 0) -> Iterator[Entry]:
    """Members of a zip file (a wheel is one), `strip` leading folders cut off."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            # A link is a file whose Unix mode says so; its text would be its target.
            is_plain = not info.is_dir() and (info.external_attr >> 28) in (0, 0o10)
            if info.flag_bits & 1:
                raise zipfile.BadZipFile(f"{info.filename} is encrypted")
            name = _strip(info.filename, strip)
            yield Entry(name, (lambda info=info: archive.open(info)) if is_plain else None)  # type: ignore[misc]


def unpack(entries: Iterable[Entry], selection: Selection, out: Path) -> int:
    """Write the chosen files into the folder `out`, which is made; returns how many of them are sounds.

    Raises Unavailable, whatever was written until then, where a path leads outside, the archive is
    damaged, or it holds more than MAX_ENTRIES members or MAX_BYTES of chosen files.
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
    """`name` without its first `count` folders. A path that leads outside is kept: unpack refuses it."""
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
    """Copy at most `remaining_bytes` bytes; a stream that holds more is refused, whatever its header claims."""
    copied = 0
    while data := source.read(1 << 20):
        copied += len(data)
        if copied > remaining_bytes:
            raise Unavailable(f"its archive unpacks to more than {MAX_BYTES >> 30} GiB")
        target.write(data)
    return copied
