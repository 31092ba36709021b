"""Members of untrusted tar and zip archives, read in their order."""

import gzip
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

DAMAGE_ERRORS = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    EOFError,
    NotImplementedError,  # a compression method that this Python does not support
    *(struct.error, TypeError, ValueError, IndexError, OverflowError),  # headers that tarfile and zipfile do not check
)
"""Errors of a damaged, encrypted or unsupported archive."""
_ENCRYPTED, _UTF8 = 1, 0x800
"""Flags of a member of a zip file: its content is encrypted; its name is UTF-8."""

_ENCODINGS = {
    "utf-8": re.compile(r".*", re.DOTALL),
    "cp932": re.compile(r"(?=.*[ぁ-ヺ])[\0-\x7fぁ-ヿ一-鿿々、-〿！-～]*"),  # Japanese, with a kana
    "gb2312": re.compile(r"(?=.*[一-鿿]{2})[\0-\x7f一-鿿、-〿！-～]*"),  # Chinese
    "cp866": re.compile(r"(?=.*[А-я]{3})(?!.*([A-Za-z][А-яЁё]|[А-яЁё][A-Za-z]))[\0-\x7fА-яЁё]*"),  # Russian
}
"""Encodings of names in zip files, in the order in which they are tried, and what a name in them looks like."""


@dataclass(frozen=True)
class Entry:
    """A member of an archive."""

    path: str
    """Path inside the archive, with `/`."""
    open: Callable[[], IO[bytes]] | None
    """Function that opens the member for reading; None if it is not a regular file (a folder, a link, a device)."""
    size: int
    """Bytes of the content, as the archive states them."""
    is_folder: bool


def tar_entries(stream: IO[bytes], strip: int = 0) -> Iterator[Entry]:
    """Iterate over the members of a tar stream of any compression, without the first `strip` folders of their paths.

    The stream cannot seek, so each member must be read before the iterator advances.
    """
    with tarfile.open(fileobj=stream, mode="r|*") as archive:
        for member in archive:
            opener = (lambda member=member: _open_member(archive, member)) if member.isfile() else None  # type: ignore[misc]
            yield Entry(_strip(member.name, strip), opener, member.size, member.isdir())


def zip_entries(path: Path, strip: int = 0) -> Iterator[Entry]:
    """Iterate over the members of a zip file, such as a wheel, without the first `strip` folders of their paths."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            # zip stores a symbolic link as a file with the Unix mode of a link; its content is the path of its target.
            is_plain = not info.is_dir() and (info.external_attr >> 28) in (0, 0o10)
            opener = (lambda info=info: _open_zip_member(archive, info)) if is_plain else None  # type: ignore[misc]
            yield Entry(_strip(_zip_name(info), strip), opener, info.file_size, info.is_dir())


def leads_outside(path: str) -> bool:
    """Return True if the path of a member is absolute or has a part `..`."""
    parts = PurePosixPath(path)
    return parts.is_absolute() or ".." in parts.parts


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


def _open_zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.flag_bits & _ENCRYPTED:
        raise zipfile.BadZipFile(f"{info.filename} is encrypted")
    return archive.open(info)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Name of a member. Many programs write it without saying so in UTF-8 or the encoding of their country.

    zipfile reads such a name as code page 437. An encoding counts if all letters beyond ASCII are of its own script.
    """
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeError:
        return info.filename
    for encoding, pattern in _ENCODINGS.items():
        try:
            name = raw.decode(encoding)
        except UnicodeError:
            continue
        if pattern.fullmatch(name):
            return name
    return info.filename
