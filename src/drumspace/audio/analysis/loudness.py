"""Integrated loudness after ITU-R BS.1770-4, of mono sounds."""

from functools import lru_cache

import numpy as np

BLOCK_SECONDS, BLOCKS_PER_STEP = 0.4, 4
"""Length of a gating block (s), and its length in steps of the next one: an overlap of 75 %."""
ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0
"""Least loudness of a block (LUFS), and relative to that of all blocks above the former gate (LU)."""
_OFFSET = -0.691
"""Loudness (LUFS) of a K-weighted signal of power 1."""
_TAIL_SECONDS = 0.1
"""Zeros behind the sound, so that the filter's tail does not wrap around to its start."""


def loudness_lufs(mono: np.ndarray, rate: int) -> float | None:
    """Integrated loudness (LUFS) of float [T] at `rate` Hz; None below the absolute gate.

    A sound shorter than a block counts as padded with zeros to one. A stereo file of two equal channels is 3 LU louder
    than this, since the standard adds the channels' powers.
    """
    step = round(BLOCK_SECONDS / BLOCKS_PER_STEP * rate)
    is_one_block = len(mono) <= BLOCKS_PER_STEP * step
    # The energy of one block is that of its spectrum; only blocks apart in time need the filter's tail kept apart.
    size = _fft_size(len(mono) if is_one_block else len(mono) + round(_TAIL_SECONDS * rate))
    spectrum = np.fft.rfft(mono.astype(np.float32, copy=False), size) * k_weighting(rate, size)
    if is_one_block:
        power = np.array([2 * np.vdot(spectrum, spectrum).real / size / (BLOCKS_PER_STEP * step)])
    else:
        weighted = np.fft.irfft(spectrum, size)[: len(mono) // step * step].reshape(-1, step)
        energy = np.cumsum(np.pad(np.einsum("ij,ij->i", weighted, weighted, dtype=np.float64), (1, 0)))
        power = (energy[BLOCKS_PER_STEP:] - energy[:-BLOCKS_PER_STEP]) / (BLOCKS_PER_STEP * step)
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


def _fft_size(length: int) -> int:
    """The next 2ⁿ or 3·2ⁿ from `length` on: few sizes, so that their responses stay in memory."""
    size = 1 << max(1, length - 1).bit_length()
    return size // 4 * 3 if size // 4 * 3 >= length else size


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))
