"""Mel scale m = 2595 log10(1 + f / 700) (HTK; thesis eq. 2.3): filterbank, and interpolation from bands to bins.

Without torch, whose import would take longer than the ingest of a small set of sounds; transforms.py has tensors.
"""

import numpy as np


def hz_to_mel(hz: float | np.ndarray) -> np.ndarray:
    """Mel of frequencies (Hz)."""
    return 2595 * np.log10(1 + np.asarray(hz) / 700)


def mel_filterbank(
    sample_rate: float, n_fft: int, n_mels: int, fmin: float = 0.0, fmax: float | None = None, area_one: bool = True
) -> np.ndarray:
    """Triangular filters of equal width on the mel scale: float32 [n_mels, n_fft // 2 + 1].

    fmin, fmax: Hz, fmax None for half the sample rate. area_one: each triangle has area 1 (Slaney's normalisation, as
    in librosa), otherwise peak 1.
    """
    top = sample_rate / 2 if fmax is None else fmax
    edges = 700 * (10 ** (np.linspace(hz_to_mel(fmin), hz_to_mel(top), n_mels + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(n_fft, 1 / sample_rate)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bank = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)).clip(min=0)
    return (bank * (2 / (high - low)) if area_one else bank).astype(np.float32)


def mel_interpolation(bins: int, bands: int, sample_rate: int) -> np.ndarray:
    """Weights that interpolate linearly from mel bands, centred from 0 Hz to half the sample rate, to bins.

    Returns float32 [bins, bands]; each row has sum 1.
    """
    mel = hz_to_mel(np.linspace(0, sample_rate / 2, bins))
    position = mel / mel[-1] * (bands - 1)
    return (1 - np.abs(position[:, None] - np.arange(bands))).clip(min=0).astype(np.float32)
