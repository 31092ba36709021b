"""What a drum sound is like, in a few numbers: clips float [n, T] → [n]. What a sound does not have is NaN."""

import numpy as np
from scipy import fft, ndimage

from drumspace.metrics.generation.frames import batches, envelope_db, magnitudes

ONSET_DB = -20.0
"""Under the loudest millisecond: a sound begins where it first rises above."""
DECAY_DB = -20.0
"""Schroeder's curve: a sound has decayed when so little of its energy is left."""
PITCHES_HZ = (30.0, 1000.0)
PITCHED_FROM = 0.7
"""Autocorrelation of a sound that repeats itself enough to have a pitch."""
PITCH_SECONDS = (0.02, 0.22)
"""Of a sound, where its pitch is looked for: behind the click of its attack."""
N_FFT, HOP = 1024, 256


def onset_seconds(clips: np.ndarray, sample_rate: int) -> np.ndarray:
    """Where each sound begins (s), to the millisecond."""
    size = max(1, round(0.001 * sample_rate))
    begun = envelope_db(clips, size, 2 * ONSET_DB) > ONSET_DB
    return np.where(begun.any(axis=1), begun.argmax(axis=1) * size / sample_rate, np.nan)


def decay_seconds(clips: np.ndarray, sample_rate: int) -> np.ndarray:
    """Time until 1 % of the energy is left (s): Schroeder's backward integral at -20 dB."""
    energy = np.cumsum(clips.astype(np.float64)[:, ::-1] ** 2, axis=1)[:, ::-1]
    left = energy > energy[:, :1] * 10 ** (DECAY_DB / 10)
    return np.where(energy[:, 0] > 0, left.sum(axis=1) / sample_rate, np.nan)


def brightness_hz(clips: np.ndarray, sample_rate: int) -> np.ndarray:
    """Centroid of the magnitudes of all frames (Hz), so that loud frames count more."""
    bins = np.fft.rfftfreq(N_FFT, 1 / sample_rate)
    found = []
    for (some,) in batches(clips):
        total = magnitudes(some, N_FFT, HOP).sum(axis=1, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            found.append((total @ bins) / total.sum(axis=1))
    return np.concatenate(found)


def noisiness(clips: np.ndarray) -> np.ndarray:
    """Spectral flatness in [0, 1]: geometric over arithmetic mean of a frame's power, frames weighed by their power."""
    found = []
    for (some,) in batches(clips):
        power = magnitudes(some, N_FFT, HOP).astype(np.float64) ** 2
        level = power.mean(axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            flat = np.exp(np.log(np.maximum(power, 1e-12 * level[..., None])).mean(axis=2)) / level
            found.append(np.nansum(flat * level, axis=1) / level.sum(axis=1))
    return np.concatenate(found)


def pitch_hz(clips: np.ndarray, sample_rate: int) -> np.ndarray:
    """Fundamental (Hz) by the first high peak of the autocorrelation, 30 to 1000 Hz; NaN for what repeats too little.

    McLeod and Wyvill 2005: each lag is normalised by the energy of the two stretches compared, peaks count behind
    the first lag that is negative, and a parabola through a peak's neighbours finds its place between samples.
    """
    begin, end = (round(second * sample_rate) for second in PITCH_SECONDS)
    part = clips[:, begin:end].astype(np.float64)
    # What is higher than any pitch looked for would only put ripples on the peaks.
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
    before, here, after = similar[:, :-2], similar[:, 1:-1], similar[:, 2:]
    # Near lag 0 everything is like itself: a low drum's first ripple would pass for a high pitch.
    behind = np.logical_or.accumulate(here < 0, axis=1)
    peak = behind & (here >= before) & (here > after)
    peak[:, : shortest - 1] = False
    heights = np.where(peak, here, 0)
    highest = heights.max(axis=1)
    # Twice the period fits as well: the first peak nearly as high as the highest is the period itself.
    place = (heights >= 0.9 * highest[:, None]).argmax(axis=1)
    rows = np.arange(len(clips))
    low, middle, high = (values[rows, place] for values in (before, here, after))
    with np.errstate(divide="ignore", invalid="ignore"):
        lag = place + 1 + 0.5 * (low - high) / (low - 2 * middle + high)
        return np.where(highest >= PITCHED_FROM, sample_rate / lag, np.nan)


def hop_periodicity(clips: np.ndarray, hop: int) -> np.ndarray:
    """Autocorrelation at a lag of `hop` samples once the spectrum has been made flat: in [-1, 1].

    A decoder that repeats itself at its hop puts a comb of period 1 / hop on the spectrum: near 1. Noise: near 0. The
    spectrum is divided by itself smoothed over eight teeth of that comb, which leaves the comb and takes the colour.
    """
    found = []
    for (some,) in batches(clips):
        size = 2 * some.shape[1]
        power = np.abs(fft.rfft(some.astype(np.float64), size, axis=1)) ** 2
        smooth = ndimage.uniform_filter1d(power, max(3, round(8 * size / hop)), axis=1)
        # What lies 60 dB below the loudest band is a codec's floor, not the sound.
        flat = power / np.maximum(smooth, 1e-6 * smooth.max(axis=1, keepdims=True) + 1e-30)
        correlation = fft.irfft(flat, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(correlation[:, hop] / correlation[:, 0])
    return np.concatenate(found)


DESCRIPTORS = ("pitch", "brightness", "decay", "noisiness")


def describe(clips: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    """Each of DESCRIPTORS for each clip: Hz, Hz, s, and flatness."""
    return {
        "pitch": pitch_hz(clips, sample_rate),
        "brightness": brightness_hz(clips, sample_rate),
        "decay": decay_seconds(clips, sample_rate),
        "noisiness": noisiness(clips),
    }
