"""Spectra and envelopes of clips, float [n, T], for descriptors and reconstruction errors."""

from collections.abc import Iterator

import numpy as np
from scipy import fft, signal

BATCH = 16
"""Clips whose spectra are in memory at a time."""


def batches(*clips: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield the same rows of each array [n, T], BATCH at a time, as float32."""
    for start in range(0, len(clips[0]), BATCH):
        yield tuple(each[start : start + BATCH].astype(np.float32) for each in clips)


def magnitudes(wave: np.ndarray, n_fft: int, hop: int, window: int | None = None) -> np.ndarray:
    """Magnitude |STFT|: Hann window of `window` samples, centred frames, zero padding → [n, frames, bins]."""
    shape = signal.windows.hann(window or n_fft, sym=False).astype(np.float32)
    shape = np.pad(shape, ((n_fft - len(shape)) // 2, n_fft - len(shape) - (n_fft - len(shape)) // 2))
    padded = np.pad(wave, ((0, 0), (n_fft // 2, n_fft // 2)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft, axis=1)[:, ::hop]
    return np.abs(fft.rfft(frames * shape, axis=2, workers=-1))


def envelope_db(wave: np.ndarray, size: int, floor_db: float) -> np.ndarray:
    """Level of blocks of `size` samples relative to the clip's loudest block (dB), at least `floor_db`: [n, T // size].

    All blocks of a silent clip have the level `floor_db`.
    """
    n, samples = wave.shape
    frames = wave[:, : samples // size * size].reshape(n, -1, size)
    power = (frames.astype(np.float64) ** 2).mean(axis=2)
    loudest = power.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = 10 * np.log10(power / loudest)
    return np.maximum(np.where(loudest > 0, level, floor_db), floor_db)
