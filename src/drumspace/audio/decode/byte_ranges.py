"""Random access to the bytes of a file, of a range of it, or of several pieces in a row, without copies."""

import io
import os
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Protocol

_HEAD = 4096
"""Bytes at the start of a file that are read at once: headers take many small reads."""


class Bytes(Protocol):
    """Interface of bytes with random access."""

    size: int

    def at(self, start: int, count: int) -> bytes:
        """Read `count` bytes from `start` on, fewer at the end."""


class FileBytes:
    """Bytes of an open file, read by position."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor`: of a file that stays open as long as this object is used."""
        self.size = os.fstat(descriptor).st_size
        self._descriptor = descriptor
        self._head = os.pread(descriptor, _HEAD, 0)

    def at(self, start: int, count: int) -> bytes:
        """Read `count` bytes from `start` on, fewer at the end."""
        if start + count <= len(self._head):
            return self._head[start : start + count]
        return os.pread(self._descriptor, max(0, count), start)


class MemoryBytes:
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        """`data`: all the bytes."""
        self.size = len(data)
        self._data = data

    def at(self, start: int, count: int) -> bytes:
        """Read `count` bytes from `start` on, fewer at the end."""
        return self._data[start : start + max(0, count)]


class Range:
    """A range of other bytes; a range that leads past their end is shortened."""

    def __init__(self, source: Bytes, start: int, size: int) -> None:
        """`start` and `size` in bytes of `source`."""
        self.size = max(0, min(size, source.size - start))
        self._source, self._start = source, start

    def at(self, start: int, count: int) -> bytes:
        """Read `count` bytes from `start` on, fewer at the end."""
        return self._source.at(self._start + start, min(count, self.size - start))


class Joined:
    """Pieces in a row, as one: how repaired headers are put in front of samples that stay where they are."""

    def __init__(self, pieces: Sequence[bytes | Bytes]) -> None:
        """`pieces`: in their order."""
        self._pieces: list[Bytes] = [MemoryBytes(piece) if isinstance(piece, bytes) else piece for piece in pieces]
        self._starts = [0]
        for piece in self._pieces:
            self._starts.append(self._starts[-1] + piece.size)
        self.size = self._starts.pop()

    def at(self, start: int, count: int) -> bytes:
        """Read `count` bytes from `start` on, fewer at the end."""
        parts = []
        number = bisect_right(self._starts, start) - 1
        while count > 0 and number < len(self._pieces):
            part = self._pieces[number].at(start - self._starts[number], count)
            parts.append(part)
            start, count, number = start + len(part), count - len(part), number + 1
        return parts[0] if len(parts) == 1 else b"".join(parts)


class ByteReader(io.RawIOBase):
    """Bytes as a file object, which soundfile.SoundFile opens."""

    def __init__(self, data: Bytes) -> None:
        """`data`: what the file object reads."""
        self._data = data
        self._position = 0

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the current position on; return the number of bytes."""
        data = self._data.at(self._position, len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position; return it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._data.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True
