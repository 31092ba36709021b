"""Levels: decibels to amplitude, peak, and float samples to 16-bit PCM."""

import numpy as np


def db_to_amplitude(decibels: float) -> float:
    """Amplitude factor of a level in dB: 10^(decibels / 20)."""
    return float(10 ** (decibels / 20))


def peak(sound: np.ndarray) -> float:
    """Largest absolute sample value; 0 for an empty sound."""
    return max(float(sound.max(initial=0)), -float(sound.min(initial=0)))


def to_pcm(waves: np.ndarray) -> np.ndarray:
    """Convert float samples in [-1, 1] to int16, same shape; values outside are clipped."""
    return np.round(np.clip(waves, -1, 1) * 32767).astype(np.int16)
