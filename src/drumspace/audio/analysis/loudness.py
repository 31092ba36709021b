"""Integrated loudness after ITU-R BS.1770-4, of mono sounds."""

from functools import lru_cache

import numpy as np

BLOCK_SECONDS, BLOCKS_PER_STEP = 0.4, 4
"""Length of a gating block (s), and its length in steps of the next one: an overlap of 75 %."""
ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0
"""Least loudness of a block (LUFS), and relative to that of all blocks above the former gate (LU)."""
_OFFSET = -0.691
"""Loudness (LUFS) of a K-weighted signal of power 1."""


def loudness_lufs(mono: np.ndarray, rate: int) -> float | None:
    """Integrated loudness (LUFS) of float [T] at `rate` Hz; None below the absolute gate.

    The filter is applied to the spectrum of each step, where the standard filters the whole sound: some 0.05 LU apart,
    in half the time. A sound shorter than a block counts as padded with zeros to one. A stereo file of two equal
    channels is 3 LU louder than this, since the standard adds the channels' powers.
    """
    step = round(BLOCK_SECONDS / BLOCKS_PER_STEP * rate)
    blocks = max(1, (len(mono) - BLOCKS_PER_STEP * step) // step + 1)  # whole ones, but for a sound shorter than one
    steps = blocks + BLOCKS_PER_STEP - 1
    sound = np.zeros(steps * step, np.float32)
    sound[: len(mono)] = mono[: len(sound)]
    spectrum = np.fft.rfft(sound.reshape(steps, step))
    energy = (spectrum.real**2 + spectrum.imag**2) @ _energy_weights(rate, step)
    power = np.convolve(energy, np.ones(BLOCKS_PER_STEP), "valid") / (BLOCKS_PER_STEP * step)
    power = power[power > _power(ABSOLUTE_GATE)]
    if not len(power):
        return None
    power = power[power > power.mean() * 10 ** (RELATIVE_GATE / 10)]
    return float(_OFFSET + 10 * np.log10(power.mean()))


@lru_cache(maxsize=32)
def k_weighting(rate: int, size: int) -> np.ndarray:
    """Frequency response of the K-weighting at the bins of an FFT of `size` samples: complex64 [size // 2 + 1].

    A high shelf and a high-pass filter. Their analogue parameters give the standard's coefficients at 48 kHz (De Man
    2014), whose high-pass filter is not scaled to a gain of 1.
    """
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    k, damping = np.tan(np.pi * 1681.974450955533 / rate), 1 / 0.7071752369554196
    high, middle = 10 ** (3.999843853973347 / 20), 1.2587209302325579
    shelf = [high + middle * damping * k + k * k, 2 * (k * k - high), high - middle * damping * k + k * k]
    response = _polynomial(z, shelf) / _polynomial(z, _poles(k, damping))
    k, damping = np.tan(np.pi * 38.13547087602444 / rate), 1 / 0.5003270373238773
    poles = _poles(k, damping)
    response *= poles[0] * _polynomial(z, [1, -2, 1]) / _polynomial(z, poles)
    return response.astype(np.complex64)


def _poles(k: float, damping: float) -> list[float]:
    """Denominator of a second-order filter after the bilinear transform; k: tan(π f / rate)."""
    return [1 + damping * k + k * k, 2 * (k * k - 1), 1 - damping * k + k * k]


def _polynomial(z: np.ndarray, coefficients: list[float]) -> np.ndarray:
    values: np.ndarray = np.polynomial.polynomial.polyval(z, coefficients)
    return values


@lru_cache(maxsize=8)
def _energy_weights(rate: int, size: int) -> np.ndarray:
    """Weights of the squared magnitudes of an FFT of `size` samples whose sum is the K-weighted energy."""
    weights = 2 * np.abs(k_weighting(rate, size)) ** 2 / size
    weights[0] /= 2
    if size % 2 == 0:
        weights[-1] /= 2
    return weights.astype(np.float32)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))
