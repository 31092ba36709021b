"""CQT rainbowgram: brightness is the log magnitude, hue the time derivative of the phase (thesis, section 2.4)."""

import colorsys

import librosa
import numpy as np
from pydantic import Field

from drumspace.io.settings import Params

MAGNITUDE_FLOOR = 1e-7
"""Magnitude below which decibels are not computed."""


class RainbowParams(Params):
    """Settings of the constant-Q transform behind a rainbowgram."""

    fmin: float = Field(gt=5, le=1000)
    """Frequency of the lowest bin (Hz)."""
    octaves: int = Field(ge=1, le=11)
    """Octaves above fmin; cut off below half the sample rate."""
    bins_per_octave: int = Field(ge=4, le=96)
    hop_length: int = Field(ge=16, le=8192)
    """Samples from frame to frame."""
    filter_scale: float = Field(gt=0.05, le=4)
    """Length of the filters: below 1 the time resolution is better and the frequency resolution worse."""
    floor_db: float = Field(lt=0, ge=-200)
    """Level that is drawn black, relative to the clip's maximum (dB)."""


def frequencies(sample_rate: int, params: RainbowParams) -> np.ndarray:
    """Centre frequency of each bin (Hz), ascending: `octaves` above fmin, limited to half the sample rate."""
    bins = params.octaves * params.bins_per_octave
    centres = params.fmin * 2 ** (np.arange(bins) / params.bins_per_octave)
    # A Hann filter reaches 0.75 of its bandwidth above its centre; librosa refuses one beyond half the rate.
    reach = 1 + 0.75 * (2 ** (1 / params.bins_per_octave) - 1) / params.filter_scale
    return centres[centres * reach <= 0.98 * sample_rate / 2]


def cqt(wave: np.ndarray, sample_rate: int, params: RainbowParams) -> np.ndarray:
    """Constant-Q transform. float [T] at sample_rate (Hz) → complex64 [bins, 1 + T // hop_length]."""
    return librosa.cqt(
        np.ascontiguousarray(wave, dtype=np.float32),
        sr=sample_rate,
        hop_length=params.hop_length,
        fmin=params.fmin,
        n_bins=len(frequencies(sample_rate, params)),
        bins_per_octave=params.bins_per_octave,
        filter_scale=params.filter_scale,
    )


def phase_derivative(transform: np.ndarray) -> np.ndarray:
    """Phase advance from the previous frame, in [-π, π). complex [bins, frames] → radians, same shape.

    A steady sine of f Hz advances by 2π f hop / rate in every bin that it excites: each partial has one colour.
    The first frame has no predecessor and takes the second frame's value.
    """
    phase = np.angle(transform)
    advance = np.diff(phase, axis=1, prepend=phase[:, :1])
    if advance.shape[1] > 1:
        advance[:, 0] = advance[:, 1]
    return (advance + np.pi) % (2 * np.pi) - np.pi


def intensity(transform: np.ndarray, floor_db: float) -> np.ndarray:
    """Log magnitude in [0, 1]: 1 at the clip's peak, 0 at `floor_db` (dB, negative) from it; silence is 0.

    complex [bins, frames] → float, same shape.
    """
    magnitude = np.abs(transform)
    peak = magnitude.max(initial=0.0)
    if peak <= MAGNITUDE_FLOOR:
        return np.zeros_like(magnitude)
    db = 20 * np.log10(np.maximum(magnitude, MAGNITUDE_FLOOR) / peak)
    return np.clip(1 - db / floor_db, 0, 1)


def _hues(steps: int = 256) -> np.ndarray:
    return np.array([colorsys.hsv_to_rgb(step / steps, 0.85, 1.0) for step in range(steps)])


def rainbowgram(wave: np.ndarray, sample_rate: int, params: RainbowParams) -> np.ndarray:
    """Rainbowgram as an RGB image. float [T] at sample_rate (Hz) → uint8 [bins, frames, 3], lowest bin first.

    The hue circle covers phase derivatives from -π to π once, so that equal angles have equal colours.
    """
    transform = cqt(wave, sample_rate, params)
    hues = _hues()
    turn = (phase_derivative(transform) + np.pi) / (2 * np.pi)
    colour = hues[np.floor(turn * len(hues)).astype(int) % len(hues)]
    return np.round(255 * colour * intensity(transform, params.floor_db)[..., None]).astype(np.uint8)
