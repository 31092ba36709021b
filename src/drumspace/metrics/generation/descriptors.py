"""Descriptors of drum sounds: clips float [n, T] → float [n], NaN where a sound has no value."""

import numpy as np
from scipy import fft, ndimage

from drumspace.metrics.generation.frames import batches, envelope_db, magnitudes

ONSET_DB = -20.0
"""A sound starts where its level first exceeds that of its loudest millisecond plus this (dB)."""
DECAY_DB = -20.0
"""Level of Schroeder's decay curve at which a sound has decayed (dB)."""
PITCHES_HZ = (30.0, 1000.0)
PITCHED_FROM = 0.7
"""Smallest normalised autocorrelation of a pitched sound."""
PITCH_SECONDS = (0.02, 0.22)
"""Part of a sound in which its pitch is estimated: after the transient of its attack (s)."""
N_FFT, HOP = 1024, 256


def onset_seconds(clips: np.ndarray, sample_rate: int) -> np.ndarray:
    """Onset of each sound (s), with a resolution of 1 ms."""
    size = max(1, round(0.001 * sample_rate))
    above = envelope_db(clips, size, 2 * ONSET_DB) > ONSET_DB
    return np.where(above.any(axis=1), above.argmax(axis=1) * size / sample_rate, np.nan)


def decay_seconds(clips: np.ndarray, sample_rate: int) -> np.ndarray:
    """Time until 1 % of the energy is left (s): Schroeder's backward integral reaches -20 dB."""
    energy = np.cumsum(clips.astype(np.float64)[:, ::-1] ** 2, axis=1)[:, ::-1]
    left = energy > energy[:, :1] * 10 ** (DECAY_DB / 10)
    return np.where(energy[:, 0] > 0, left.sum(axis=1) / sample_rate, np.nan)


def brightness_hz(clips: np.ndarray, sample_rate: int) -> np.ndarray:
    """Spectral centroid of the magnitudes summed over all frames (Hz); loud frames have more weight."""
    bins = np.fft.rfftfreq(N_FFT, 1 / sample_rate)
    parts = []
    for (some,) in batches(clips):
        total = magnitudes(some, N_FFT, HOP).sum(axis=1, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            parts.append((total @ bins) / total.sum(axis=1))
    return np.concatenate(parts)


def noisiness(clips: np.ndarray) -> np.ndarray:
    """Spectral flatness in [0, 1]: geometric over arithmetic mean of a frame's power, frames weighted by power."""
    parts = []
    for (some,) in batches(clips):
        power = magnitudes(some, N_FFT, HOP).astype(np.float64) ** 2
        level = power.mean(axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            flat = np.exp(np.log(np.maximum(power, 1e-12 * level[..., None])).mean(axis=2)) / level
            parts.append(np.nansum(flat * level, axis=1) / level.sum(axis=1))
    return np.concatenate(parts)


def pitch_hz(clips: np.ndarray, sample_rate: int) -> np.ndarray:
    """Fundamental (Hz) by the first high peak of the autocorrelation, 30 to 1000 Hz; NaN without periodicity.

    McLeod and Wyvill 2005: each lag is normalised by the energy of the two segments compared, only peaks after the
    first negative value count, and a parabola through a peak's neighbours interpolates its lag.
    """
    start, end = (round(second * sample_rate) for second in PITCH_SECONDS)
    part = clips[:, start:end].astype(np.float64)
    # Frequencies above the highest pitch would only add ripples to the peaks.
    kept = fft.rfft(part, axis=1)
    kept[:, int(1.5 * PITCHES_HZ[1] * part.shape[1] / sample_rate) + 1 :] = 0
    part = fft.irfft(kept, part.shape[1], axis=1)
    longest = min(int(sample_rate / PITCHES_HZ[0]), part.shape[1] // 2)
    shortest = max(1, int(sample_rate / PITCHES_HZ[1]))
    if longest <= shortest:
        return np.full(len(clips), np.nan)
    spectrum = fft.rfft(part, 2 * part.shape[1], axis=1)
    correlation = fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, : longest + 2]
    energy = np.cumsum(np.pad(part**2, ((0, 0), (1, 0))), axis=1)
    lags = np.arange(longest + 2)
    both = energy[:, part.shape[1] - lags] + energy[:, -1:] - energy[:, lags]
    with np.errstate(divide="ignore", invalid="ignore"):
        similar = np.where(both > 0, 2 * correlation / both, 0)
    before, centre, after = similar[:, :-2], similar[:, 1:-1], similar[:, 2:]
    # The autocorrelation is always high near lag 0: a low drum's first ripple would pass for a high pitch.
    after_negative = np.logical_or.accumulate(centre < 0, axis=1)
    peak = after_negative & (centre >= before) & (centre > after)
    peak[:, : shortest - 1] = False
    heights = np.where(peak, centre, 0)
    highest = heights.max(axis=1)
    # Multiples of the period have equal peaks: the first one nearly as high as the highest is the period.
    lag_index = (heights >= 0.9 * highest[:, None]).argmax(axis=1)
    rows = np.arange(len(clips))
    low, middle, high = (values[rows, lag_index] for values in (before, centre, after))
    with np.errstate(divide="ignore", invalid="ignore"):
        lag = lag_index + 1 + 0.5 * (low - high) / (low - 2 * middle + high)
        return np.where(highest >= PITCHED_FROM, sample_rate / lag, np.nan)


def hop_periodicity(clips: np.ndarray, hop: int) -> np.ndarray:
    """Autocorrelation of the whitened signal at a lag of `hop` samples: [n] in [-1, 1].

    Near 1 for a decoder that repeats itself at its hop, which gives the spectrum a comb of spacing 1 / hop; near 0 for
    noise. Dividing the spectrum by itself, smoothed over eight teeth of that comb, removes the envelope alone.
    """
    parts = []
    for (some,) in batches(clips):
        size = 2 * some.shape[1]
        power = np.abs(fft.rfft(some.astype(np.float64), size, axis=1)) ** 2
        smooth = ndimage.uniform_filter1d(power, max(3, round(8 * size / hop)), axis=1)
        # Bands 60 dB below the loudest one hold a codec's noise floor, not the sound.
        flat = power / np.maximum(smooth, 1e-6 * smooth.max(axis=1, keepdims=True) + 1e-30)
        correlation = fft.irfft(flat, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            parts.append(correlation[:, hop] / correlation[:, 0])
    return np.concatenate(parts)


DESCRIPTORS = ("pitch", "brightness", "decay", "noisiness")


def describe(clips: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    """Each of DESCRIPTORS for each clip: Hz, Hz, s, and flatness."""
    return {
        "pitch": pitch_hz(clips, sample_rate),
        "brightness": brightness_hz(clips, sample_rate),
        "decay": decay_seconds(clips, sample_rate),
        "noisiness": noisiness(clips),
    }
