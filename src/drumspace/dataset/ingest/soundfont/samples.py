"""Samples of SoundFont files as audio."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drumspace.audio.decode.decode import Info, UnusableSound, read_mono


@dataclass(frozen=True)
class Sample:
    """Position of a sample in a file: (byte offset, length) of one channel, or of left and right.

    The length is in samples of int16 PCM or, if the sample is `compressed`, in bytes of an Ogg Vorbis stream (sf3).
    """

    channels: tuple[tuple[int, int], ...]
    rate: int
    """Sample rate (Hz)."""
    compressed: bool = False

    @property
    def bytes(self) -> int:
        """Size of the sample in the file (bytes)."""
        return sum(count if self.compressed else 2 * count for _, count in self.channels)


def read_sample(path: Path | str, sample: Sample, max_seconds: float) -> tuple[np.ndarray, Info]:
    """Read a sample as mono: float32 [T] at `sample.rate`, the mean of both channels, the shorter one zero-padded.

    The sample is not resampled to its root key, since it is the original recording. Raises UnusableSound if the file
    is truncated, a channel cannot be decoded, or the sample is longer than `max_seconds`.
    """
    if not sample.compressed:
        Info(sample.rate, len(sample.channels), max(count for _, count in sample.channels)).check(max_seconds)
    read_channel = _read_vorbis if sample.compressed else _read_pcm
    channels = [read_channel(path, start, count, max_seconds) for start, count in sample.channels]
    info = Info(sample.rate, len(channels), max(map(len, channels)))
    info.check(max_seconds)
    mono = np.zeros(info.frames, np.float32)
    for channel in channels:
        mono[: len(channel)] += channel
    mono /= np.float32(len(channels))
    return mono, info


def _read_pcm(path: Path | str, start: int, count: int, _: float) -> np.ndarray:
    pcm = np.fromfile(path, dtype="<i2", count=count, offset=start)
    if len(pcm) < count:
        raise UnusableSound("truncated: the SoundFont ends within this sample")
    return pcm.astype(np.float32) / np.float32(32768)


def _read_vorbis(path: Path | str, start: int, count: int, max_seconds: float) -> np.ndarray:
    data = np.fromfile(path, dtype="u1", count=count, offset=start)
    if len(data) < count:
        raise UnusableSound("truncated: the SoundFont ends within this sample")
    return read_mono(data.tobytes(), max_seconds)[0]
