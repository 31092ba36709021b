"""Atomic writes of files and folders: a temporary name, then a rename."""

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""Constants of Linux's renameat2: paths relative to the working directory; both exist and are swapped."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Temporary path in the folder of `path`, renamed to it when the block ends without an error, else removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        if temporary.is_file():
            with temporary.open("rb") as handle:
                os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Temporary folder next to `path` that replaces it when the block ends without an error.

    On Linux the two folders are exchanged in one step: a process that is killed at any moment leaves the former folder
    or the new one, whole. If the system or the file system cannot exchange folders, the former one is renamed first; a
    process killed between the two renames leaves it as `.<name>.former`, and the next use of `path` here restores it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    former = path.with_name(f".{path.name}.former")
    if former.is_dir() and not path.exists():
        former.replace(path)
    shutil.rmtree(former, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    temporary.chmod(0o755)
    try:
        yield temporary
        if not path.is_dir():
            temporary.replace(path)
        elif not exchange(temporary, path):
            path.replace(former)
            temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if path.exists():
            shutil.rmtree(former, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; return False if the system or the file system does not support it."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    result = renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE)
    if result and ctypes.get_errno() not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(one), None, str(other))
    return not result


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
