"""Reader for uncompressed WAV files, the most common format of sample packs, in half of libsndfile's time."""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np

SLACK = 64
"""Bytes by which a header may be wrong: some writers omit padding, others count a header twice."""
STREAMED = 0x7FFFFF00
"""Sizes from here on mean 'unknown' in the headers of files that were written to a pipe."""
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


class WavReader:
    """The part of soundfile.SoundFile that decoding uses, for uncompressed samples of 8 to 32 bits or float32.

    Sample values equal libsndfile's. Create it with `WavReader.open` and use it as a context manager.
    """

    format = "WAV"

    def __init__(self, file: BinaryIO, start: int, frames: int, channels: int, rate: int, sample_format: str) -> None:
        """`start`: first byte of the samples; `sample_format`: a key of _CONVERT, such as 'i2'."""
        self.samplerate, self.channels, self.frames = rate, channels, frames
        self._file, self._start, self._sample_format = file, start, sample_format
        self._width = int(sample_format[1:]) * channels
        self._frame = 0

    @classmethod
    def open(cls, path: Path | str) -> Self | None:
        """Open a file; None for other formats and for unusual or truncated headers, which are left to libsndfile."""
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
        at, sample_format, channels, rate = 12, "", 0, 0
        while at + 8 <= len(head):
            name, length = struct.unpack("<4sI", head[at : at + 8])
            if name == b"fmt " and length >= 16 and at + 24 <= len(head):
                tag, channels, rate, _, width, bits = struct.unpack("<HHIIHH", head[at + 8 : at + 24])
                if tag == _EXTENSIBLE and length >= 40:
                    (tag,) = struct.unpack("<H", head[at + 32 : at + 34])
                if width * 8 == bits * channels and (tag, bits) in _FORMATS:
                    sample_format = _FORMATS[tag, bits]
            elif name == b"data":
                held = os.fstat(file.fileno()).st_size - at - 8
                if not sample_format or not channels or not 0 < length <= held + SLACK:
                    return None
                frames = min(length, held) // (int(sample_format[1:]) * channels)
                return cls(file, at + 8, frames, channels, rate, sample_format)
            at += 8 + length + length % 2
        return None

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, *error: Any) -> None:
        """Close the file."""
        self._file.close()

    def seek(self, frames: int) -> None:
        """Move to a frame, counted from the start of the file."""
        self._frame = frames

    def read(self, frames: int, dtype: str = "float32", always_2d: bool = True) -> np.ndarray:
        """Read float32 [frames or fewer at the end, channels] in [-1, 1); float files are not scaled or clipped."""
        frames = min(frames, self.frames - self._frame)
        first = self._start + self._frame * self._width
        # One byte more at the start: 24-bit samples are read as the upper three bytes of 32-bit integers.
        self._file.seek(first - 1)
        data = self._file.read(1 + frames * self._width)
        frames = (len(data) - 1) // self._width
        self._frame += frames
        return _CONVERT[self._sample_format](data, frames * self.channels).reshape(frames, self.channels)


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


_FORMATS = {(_PCM, 8): "u1", (_PCM, 16): "i2", (_PCM, 24): "i3", (_PCM, 32): "i4", (_FLOAT, 32): "f4"}
_CONVERT: dict[str, Callable[[bytes, int], np.ndarray]] = {
    "u1": _unsigned8,
    "i2": _signed16,
    "i3": _signed24,
    "i4": _signed32,
    "f4": _float32,
}
