"""Samples of SoundFont files as audio."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drumspace.audio.decode.decode import UnusableSound


@dataclass(frozen=True)
class Sample:
    """Position of int16 PCM in a file: (byte offset, length in samples) of one channel, or of left and right."""

    channels: tuple[tuple[int, int], ...]
    rate: int
    """Sample rate (Hz)."""

    @property
    def frames(self) -> int:
        """Length of the longer channel (samples)."""
        return max(count for _, count in self.channels)


def read_sample(path: Path | str, sample: Sample) -> np.ndarray:
    """Read a sample as mono: float32 [T] at `sample.rate`, the mean of both channels, the shorter one zero-padded.

    The sample is not resampled to its root key, since it is the original recording. Raises UnusableSound if the file
    is truncated.
    """
    mono = np.zeros(sample.frames, np.float32)
    for start, count in sample.channels:
        pcm = np.fromfile(path, dtype="<i2", count=count, offset=start)
        if len(pcm) < count:
            raise UnusableSound("truncated: the SoundFont ends within this sample")
        mono[:count] += pcm
    return mono / np.float32(32768 * len(sample.channels))
