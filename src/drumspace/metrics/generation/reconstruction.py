"""How near a reconstruction is to its sound, clip by clip: float [n, T] beside float [n, T] → [n]."""

from collections.abc import Callable

import librosa
import numpy as np

from drumspace.metrics.generation.descriptors import onset_seconds, pitch_hz
from drumspace.metrics.generation.frames import batches, envelope_db, magnitudes

RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
"""(n_fft, hop, window) of Parallel WaveGAN."""
LEAST = 10**-3.5
"""Magnitudes are not looked at below it: the root of the power 1e-7."""
FLOOR_DB = -80.0
"""Under a real clip's loudest bin (log-spectral and mel distance): what lies below is not heard beside it."""
ENVELOPE_FLOOR_DB = -60.0
N_FFT, HOP, BANDS = 2048, 512, 80


def multi_resolution_stft(made: np.ndarray, real: np.ndarray) -> np.ndarray:
    """Spectral convergence plus L1 of log magnitudes, mean over three resolutions (Yamamoto et al. 2020, eqs. 4 to 6).

    Convergence is taken clip by clip.
    """
    found = []
    for ours, theirs in batches(made, real):
        total = np.zeros(len(ours))
        for n_fft, hop, window in RESOLUTIONS:
            x, y = (np.maximum(magnitudes(each, n_fft, hop, window), LEAST) for each in (ours, theirs))
            norm = np.sqrt((y**2).sum(axis=(1, 2), dtype=np.float64))
            total += np.sqrt(((y - x) ** 2).sum(axis=(1, 2), dtype=np.float64)) / norm
            total += np.abs(np.log(y) - np.log(x)).mean(axis=(1, 2), dtype=np.float64)
        found.append(total / len(RESOLUTIONS))
    return np.concatenate(found)


def spectral_distances(made: np.ndarray, real: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    """log_spectral_distance (dB; root of the mean over bins, mean over frames; Gray and Markel 1976) and mel_distance.

    mel_distance is the mean difference of 80 log-mel bands (dB). Both see nothing under FLOOR_DB of the real clip's
    peak, and only frames where one of the two sounds: silence after a short drum would dilute its errors. A real clip
    that is silent has no such floor: its figure is NaN.
    """
    bank = librosa.filters.mel(sr=sample_rate, n_fft=N_FFT, n_mels=BANDS, htk=True).T
    spectral, mel = [], []
    for ours, theirs in batches(made, real):
        x, y = magnitudes(ours, N_FFT, HOP) ** 2, magnitudes(theirs, N_FFT, HOP) ** 2
        spectral.append(_over_sounding(x, y, lambda gap: np.sqrt((gap**2).mean(axis=2))))
        mel.append(_over_sounding(x @ bank, y @ bank, lambda gap: np.abs(gap).mean(axis=2)))
    return {"log_spectral_distance": np.concatenate(spectral), "mel_distance": np.concatenate(mel)}


def _over_sounding(made: np.ndarray, real: np.ndarray, of_frame: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Mean over frames with something above the floor of `of_frame`(differences of powers [n, frames, bins] in dB)."""
    peak = real.max(axis=(1, 2), keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.where(peak > 0, peak * 10 ** (FLOOR_DB / 10), np.nan)
        value = of_frame(10 * np.log10(np.maximum(made, least) / np.maximum(real, least)))
        sounding = (np.maximum(made, real) > least).any(axis=2)
        return (value * sounding).sum(axis=1) / sounding.sum(axis=1)


def onset_error(made: np.ndarray, real: np.ndarray, sample_rate: int) -> np.ndarray:
    """How far the beginnings of the sounds are apart (ms); NaN where one of them is silent."""
    return 1000 * np.abs(onset_seconds(made, sample_rate) - onset_seconds(real, sample_rate))


def envelope_error(made: np.ndarray, real: np.ndarray, sample_rate: int) -> np.ndarray:
    """Mean difference of levels (dB), each under its clip's own peak, in steps of 10 ms down to -60 dB."""
    size = max(1, round(0.01 * sample_rate))
    ours, theirs = (envelope_db(each, size, ENVELOPE_FLOOR_DB) for each in (made, real))
    return np.abs(ours - theirs).mean(axis=1)


def pitch_error(made: np.ndarray, real: np.ndarray, sample_rate: int) -> np.ndarray:
    """How far the pitches are apart (semitones); NaN where one of them has none."""
    ours, theirs = pitch_hz(made, sample_rate), pitch_hz(real, sample_rate)
    return 12 * np.abs(np.log2(ours / theirs))
