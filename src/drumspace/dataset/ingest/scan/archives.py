"""Sounds inside an untrusted archive, unpacked into numbered files: no member's path is ever used as one here."""

import errno
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from drumspace.audio.decode.decode import UnusableSound, check_regular
from drumspace.audio.format.suffixes import KIT_DOCUMENTS, SOUND_FONTS, SOUNDS, holds_sounds, is_archive, suffix_of
from drumspace.errors import UserError
from drumspace.io.archives import DAMAGE_ERRORS, Entry, leads_outside, tar_entries, zip_entries

MAX_MEMBERS = 100_000
MAX_BYTES = 4 << 30
"""Largest total size of the files unpacked from one archive."""
MAX_MEMBER_BYTES = 1 << 30
_UNPACKED = SOUNDS | SOUND_FONTS | KIT_DOCUMENTS


class Member(NamedTuple):
    """A file in an archive: `file` is its unpacked copy. With neither file nor reason it is passed over.

    The reason for a rejected member; `parts` is empty where it is about the archive itself.
    """

    parts: tuple[str, ...]
    file: Path | None = None
    reason: str = ""


def unpack(archive: Path, folder: Path) -> Iterator[Member]:
    """Unpack the sounds, SoundFonts and kit documents of a zip or tar archive into a new folder below `folder`.

    Links, paths that lead outside, encrypted or damaged members and nested archives are rejected with a reason; the
    other members are read. Members beyond MAX_MEMBERS, MAX_BYTES or MAX_MEMBER_BYTES are not unpacked. Raises UserError
    if the disk is full.
    """
    try:
        check_regular(archive)
        out = Path(tempfile.mkdtemp(dir=folder))
        with archive.open("rb") as stream:
            yield from _members(archive, stream, out)
    except UnusableSound as reason:
        yield Member((), reason=str(reason))
    except DAMAGE_ERRORS as error:
        yield Member((), reason=f"no archive that can be read to its end ({_text(error)})")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(f"{archive} can't be unpacked: no space is left in {folder}. Free some.") from None
        yield Member((), reason=f"no archive that can be read to its end ({error.strerror or _text(error)})")


def _members(archive: Path, stream: IO[bytes], out: Path) -> Iterator[Member]:
    is_zip = zipfile.is_zipfile(stream)
    stream.seek(0)
    entries = zip_entries(archive) if is_zip else tar_entries(stream)
    used_bytes = 0
    seen: set[tuple[str, ...]] = set()
    for number, entry in enumerate(entries):
        if number >= MAX_MEMBERS:
            yield Member((), reason=f"it has more than {MAX_MEMBERS} files: those after them were not read")
            return
        path = entry.path if "/" in entry.path else entry.path.replace("\\", "/")  # as Windows programs write it
        parts = tuple(part for part in PurePosixPath(path).parts if part != "/")
        if entry.is_folder or not parts or _is_hidden(parts):
            continue
        unpacked = entry.open is not None and suffix_of(path) in _UNPACKED and not leads_outside(path)
        if unpacked or not is_zip:  # the content of a tar is decompressed even where it is not used
            used_bytes += entry.size
        if used_bytes > MAX_BYTES:
            yield Member((), reason=f"it unpacks to more than {MAX_BYTES >> 20} MiB: the rest was not read")
            return
        if parts in seen and unpacked:
            yield Member(parts, reason="the archive holds another file of this name, which was read")
        elif not unpacked:
            yield Member(parts, reason=_reason(entry, path))
        else:
            seen.add(parts)
            yield _unpack_member(entry, parts, out / f"{number}{suffix_of(path)}")


def _unpack_member(entry: Entry, parts: tuple[str, ...], target: Path) -> Member:
    assert entry.open is not None
    if entry.size > MAX_MEMBER_BYTES:
        return Member(parts, reason=f"unpacks to more than {MAX_MEMBER_BYTES >> 20} MiB")
    try:
        with entry.open() as source, target.open("wb") as file:
            if _copy(source, file, entry.size) == entry.size:
                return Member(parts, target)
        reason = "damaged: the archive states another size"
    except DAMAGE_ERRORS as error:
        reason = f"damaged in the archive ({_text(error)})"
    target.unlink(missing_ok=True)
    return Member(parts, reason=reason)


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> int:
    """Copy at most `size` bytes and return their number, `size` + 1 if there are more."""
    copied = 0
    while data := source.read(min(1 << 20, size + 1 - copied)):
        copied += len(data)
        if copied > size:
            break
        target.write(data)
    return copied


def _reason(entry: Entry, path: str) -> str:
    """Reason for rejecting a member that is not unpacked; empty for one that holds no sound."""
    if not holds_sounds(path):
        return ""
    if leads_outside(path):
        return "its path leads outside the archive"
    if entry.open is None:
        return "a link or device in an archive: only files are read"
    return "an archive inside an archive: unpack the outer one" if is_archive(path) else ""


def _is_hidden(parts: tuple[str, ...]) -> bool:
    """Whether a member lies in a hidden folder or one of macOS's metadata, or is such metadata itself."""
    return parts[-1].startswith("._") or any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts[:-1])


def _text(error: Exception) -> str:
    if isinstance(error, tarfile.ReadError):
        return "damaged, or neither zip nor tar"
    return " ".join(str(error).split()) or type(error).__name__
