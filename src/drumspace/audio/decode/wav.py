"""Plain WAV files, which most sample packs are made of, read by numpy in half of libsndfile's time."""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np

SLACK = 64
"""Bytes that a header may be off by: writers forget padding, or count a header too much."""
STREAMED = 0x7FFFFF00
"""Sizes from here on stand for 'not known yet' in files written to a pipe."""
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


class WavReader:
    """As much of soundfile.SoundFile as decoding needs, for uncompressed samples of 8 to 32 bits or float32.

    The values are those that libsndfile gives. Use `WavReader.open`, and as a context manager.
    """

    format = "WAV"

    def __init__(self, file: BinaryIO, start: int, frames: int, channels: int, rate: int, kind: str) -> None:
        """`start`: first byte of the samples; `kind`: a key of the table below, such as 'i2'."""
        self.samplerate, self.channels, self.frames = rate, channels, frames
        self._file, self._start, self._kind = file, start, kind
        self._width = int(kind[1:]) * channels
        self._at = 0

    @classmethod
    def open(cls, path: Path | str) -> Self | None:
        """A reader, or None for any other file and for an odd or cut header: libsndfile knows more."""
        file = open(path, "rb", buffering=0)  # noqa: PTH123, SIM115
        reader = cls._parse(file)
        if reader is None:
            file.close()
        return reader

    @classmethod
    def _parse(cls, file: BinaryIO) -> Self | None:
        head = file.read(4096)
        if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
            return None
        at, kind, channels, rate = 12, "", 0, 0
        while at + 8 <= len(head):
            name, length = struct.unpack("<4sI", head[at : at + 8])
            if name == b"fmt " and length >= 16 and at + 24 <= len(head):
                tag, channels, rate, _, width, bits = struct.unpack("<HHIIHH", head[at + 8 : at + 24])
                if tag == _EXTENSIBLE and length >= 40:
                    (tag,) = struct.unpack("<H", head[at + 32 : at + 34])
                if width * 8 == bits * channels and (tag, bits) in _KINDS:
                    kind = _KINDS[tag, bits]
            elif name == b"data":
                held = os.fstat(file.fileno()).st_size - at - 8
                if not kind or not channels or not 0 < length <= held + SLACK:
                    return None
                frames = min(length, held) // (int(kind[1:]) * channels)
                return cls(file, at + 8, frames, channels, rate, kind)
            at += 8 + length + length % 2
        return None

    def __enter__(self) -> Self:
        """The reader itself."""
        return self

    def __exit__(self, *error: Any) -> None:
        """Close the file."""
        self._file.close()

    def seek(self, frames: int) -> None:
        """Go to a frame, from the beginning."""
        self._at = frames

    def read(self, frames: int, dtype: str = "float32", always_2d: bool = True) -> np.ndarray:
        """float32 [frames or what is left, channels] in [-1, 1), float files as they are."""
        frames = min(frames, self.frames - self._at)
        first = self._start + self._at * self._width
        # One byte more in front: 24-bit samples are read as the upper part of 32 bits.
        self._file.seek(first - 1)
        data = self._file.read(1 + frames * self._width)
        frames = (len(data) - 1) // self._width
        self._at += frames
        return _CONVERT[self._kind](data, frames * self.channels).reshape(frames, self.channels)


def _unsigned8(data: bytes, count: int) -> np.ndarray:
    return (np.frombuffer(data, np.uint8, count, 1).astype(np.float32) - np.float32(128)) / np.float32(1 << 7)


def _signed16(data: bytes, count: int) -> np.ndarray:
    return np.frombuffer(data, "<i2", count, 1).astype(np.float32) * np.float32(2.0**-15)


def _signed24(data: bytes, count: int) -> np.ndarray:
    wide = np.ndarray((count,), "<i4", data, strides=(3,)) & np.int32(-256)
    return wide.astype(np.float32) * np.float32(2.0**-31)


def _signed32(data: bytes, count: int) -> np.ndarray:
    return np.frombuffer(data, "<i4", count, 1).astype(np.float32) * np.float32(2.0**-31)


def _float32(data: bytes, count: int) -> np.ndarray:
    return np.frombuffer(data, "<f4", count, 1).astype(np.float32)


_KINDS = {(_PCM, 8): "u1", (_PCM, 16): "i2", (_PCM, 24): "i3", (_PCM, 32): "i4", (_FLOAT, 32): "f4"}
_CONVERT: dict[str, Callable[[bytes, int], np.ndarray]] = {
    "u1": _unsigned8,
    "i2": _signed16,
    "i3": _signed24,
    "i4": _signed32,
    "f4": _float32,
}
