"""Spectra and envelopes of clips, float [n, T], for descriptors and reconstruction errors."""

from collections.abc import Iterator

import numpy as np
import torch

from drumspace.audio.spectral.stft import stft_magnitude

BATCH = 16
"""Clips whose spectra are in memory at a time."""


def batches(*clips: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield the same rows of each array [n, T], BATCH at a time, as float32."""
    for start in range(0, len(clips[0]), BATCH):
        yield tuple(each[start : start + BATCH].astype(np.float32) for each in clips)


def magnitudes(wave: np.ndarray, n_fft: int, hop: int, window: int | None = None) -> np.ndarray:
    """Magnitude |STFT|: Hann window of `window` samples, centred frames, zero padding → [n, frames, bins]."""
    return stft_magnitude(torch.from_numpy(wave), n_fft, hop, floor=0.0, win_length=window).transpose(1, 2).numpy()


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
