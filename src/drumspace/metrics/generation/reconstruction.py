"""Reconstruction errors of each clip: reconstructed float [n, T] and real float [n, T] → float [n]."""

from collections.abc import Callable

import numpy as np

from drumspace.audio.spectral.mel import mel_filterbank
from drumspace.metrics.generation.descriptors import onset_seconds, pitch_hz
from drumspace.metrics.generation.frames import batches, envelope_db, magnitudes

RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
"""(n_fft, hop, window) in samples, as in Parallel WaveGAN."""
MIN_MAGNITUDE = 10**-3.5
"""Lower bound of magnitudes before logarithms: the square root of a power of 1e-7."""
FLOOR_DB = -80.0
"""Floor of log-spectral and mel distances relative to the real clip's loudest bin (dB): lower levels are masked."""
ENVELOPE_FLOOR_DB = -60.0
N_FFT, HOP, BANDS = 2048, 512, 80


def multi_resolution_stft(reconstructed: np.ndarray, real: np.ndarray) -> np.ndarray:
    """Spectral convergence plus L1 of log magnitudes, mean over three resolutions (Yamamoto et al. 2020, eqs. 4 to 6).

    Spectral convergence is computed for each clip by itself.
    """
    parts = []
    for first, second in batches(reconstructed, real):
        total = np.zeros(len(first))
        for n_fft, hop, window in RESOLUTIONS:
            x, y = (np.maximum(magnitudes(each, n_fft, hop, window), MIN_MAGNITUDE) for each in (first, second))
            norm = np.sqrt((y**2).sum(axis=(1, 2), dtype=np.float64))
            total += np.sqrt(((y - x) ** 2).sum(axis=(1, 2), dtype=np.float64)) / norm
            total += np.abs(np.log(y) - np.log(x)).mean(axis=(1, 2), dtype=np.float64)
        parts.append(total / len(RESOLUTIONS))
    return np.concatenate(parts)


def spectral_distances(reconstructed: np.ndarray, real: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    """log_spectral_distance (dB; root of the mean over bins, mean over frames; Gray and Markel 1976) and mel_distance.

    mel_distance is the mean difference of 80 log-mel bands (dB). Levels are limited to FLOOR_DB below the real clip's
    peak. Frames in which both clips are below that floor are left out, since the silence after a short drum would
    dilute its errors. NaN for a silent real clip, which has no peak.
    """
    bank = mel_filterbank(sample_rate, N_FFT, BANDS).T
    spectral, mel = [], []
    for first, second in batches(reconstructed, real):
        x, y = magnitudes(first, N_FFT, HOP) ** 2, magnitudes(second, N_FFT, HOP) ** 2
        spectral.append(_over_sounding(x, y, lambda gap: np.sqrt((gap**2).mean(axis=2))))
        mel.append(_over_sounding(x @ bank, y @ bank, lambda gap: np.abs(gap).mean(axis=2)))
    return {"log_spectral_distance": np.concatenate(spectral), "mel_distance": np.concatenate(mel)}


def _over_sounding(
    reconstructed: np.ndarray, real: np.ndarray, of_frame: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Mean of `of_frame`(differences of powers [n, frames, bins] in dB) over the frames above the floor."""
    peak = real.max(axis=(1, 2), keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = np.where(peak > 0, peak * 10 ** (FLOOR_DB / 10), np.nan)
        value = of_frame(10 * np.log10(np.maximum(reconstructed, floor) / np.maximum(real, floor)))
        sounding = (np.maximum(reconstructed, real) > floor).any(axis=2)
        return (value * sounding).sum(axis=1) / sounding.sum(axis=1)


def onset_error(reconstructed: np.ndarray, real: np.ndarray, sample_rate: int) -> np.ndarray:
    """Distance between the onsets (ms); NaN where one of the clips is silent."""
    return 1000 * np.abs(onset_seconds(reconstructed, sample_rate) - onset_seconds(real, sample_rate))


def envelope_error(reconstructed: np.ndarray, real: np.ndarray, sample_rate: int) -> np.ndarray:
    """Mean difference of levels in blocks of 10 ms (dB), each relative to its clip's peak, at floor -60 dB."""
    size = max(1, round(0.01 * sample_rate))
    first, second = (envelope_db(each, size, ENVELOPE_FLOOR_DB) for each in (reconstructed, real))
    return np.abs(first - second).mean(axis=1)


def pitch_error(reconstructed: np.ndarray, real: np.ndarray, sample_rate: int) -> np.ndarray:
    """Distance between the pitches (semitones); NaN where one of the clips has none."""
    first, second = pitch_hz(reconstructed, sample_rate), pitch_hz(real, sample_rate)
    return 12 * np.abs(np.log2(first / second))
