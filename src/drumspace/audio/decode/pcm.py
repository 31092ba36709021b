"""Reader of uncompressed samples of any container, in half of libsndfile's time."""

from typing import Any, Self

import numpy as np

from drumspace.audio.decode.containers.layout import Pcm
from drumspace.audio.decode.unusable import UnusableSound

_HEADER = b"WAVEfmt "
"""Bytes 8 to 16 of a WAV, by which one within the samples is found."""


class PcmReader:
    """The part of soundfile.SoundFile that decoding uses. Sample values equal libsndfile's."""

    format = "PCM"

    def __init__(self, layout: Pcm) -> None:
        """`layout`: place and encoding of the samples."""
        self._data, self._encoding = layout.data, layout.encoding
        self._width = int(layout.encoding[-1]) * layout.channels
        self.samplerate, self.channels, self.frames = layout.rate, layout.channels, layout.data.size // self._width
        self._frame = 0

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, *error: Any) -> None:
        """Do nothing: the file belongs to the caller."""

    def seek(self, frames: int) -> None:
        """Move to a frame, counted from the start of the sound."""
        self._frame = frames

    def read(self, frames: int, dtype: str = "float32", always_2d: bool = True) -> np.ndarray:
        """Read float32 [frames or fewer at the end, channels] in [-1, 1); float files are not scaled or clipped.

        Raises UnusableSound for the header of another file within the samples.
        """
        frames = min(frames, self.frames - self._frame)
        data = self._data.at(self._frame * self._width, frames * self._width)
        at = data.find(_HEADER)
        if at >= 8 and data[at - 8 : at - 4] == b"RIFF":
            raise UnusableSound("damaged: the header of another sound file lies within its samples")
        frames = len(data) // self._width
        self._frame += frames
        return _convert(data, self._encoding, frames * self.channels).reshape(frames, self.channels)


def quantization_step(encoding: str) -> float:
    """Distance of neighbouring sample values in [-1, 1); 0 for floats."""
    return 0.0 if "f" in encoding else 2.0 ** (1 - 8 * int(encoding[-1]))


def _convert(data: bytes, encoding: str, count: int) -> np.ndarray:
    if encoding == "u1":
        return (np.frombuffer(data, np.uint8, count).astype(np.float32) - np.float32(128)) / np.float32(1 << 7)
    if "f" in encoding:
        return np.frombuffer(data, encoding, count).astype(np.float32)
    if encoding.endswith("3"):  # read as the upper three bytes of 32-bit integers, with a byte more at one end
        padded = b"\0" + data if encoding[0] == "<" else data + b"\0"
        wide = np.ndarray((count,), f"{encoding[0]}i4", padded, strides=(3,)) & np.int32(-256)
        return wide.astype(np.float32) * np.float32(2.0**-31)
    return np.frombuffer(data, encoding, count).astype(np.float32) * np.float32(quantization_step(encoding))
