"""Sounds that are no drum: noise, tones and near silence, from which a classifier learns what to reject."""

import numpy as np

KINDS = ("noise", "tone", "silence")


def non_drums(count: int, seed: int, sample_rate: int, num_samples: int) -> np.ndarray:
    """Synthesise `count` sounds, the kinds in turn: int16 [count, num_samples] at `sample_rate` (Hz).

    Sound i depends only on seed, i, `sample_rate` and `num_samples`.
    """
    sounds = np.empty((count, num_samples), dtype=np.int16)
    for number in range(count):
        sounds[number] = non_drum(KINDS[number % len(KINDS)], [seed, number], sample_rate, num_samples)
    return sounds


def non_drum(kind: str, seed: int | list[int], sample_rate: int, num_samples: int) -> np.ndarray:
    """Synthesise one sound of a kind of KINDS: int16 [num_samples] at `sample_rate` (Hz)."""
    rng = np.random.default_rng(seed)
    if kind == "silence":  # digital silence, or dither of one or two steps
        return rng.integers(-2, 3, num_samples).astype(np.int16) * rng.integers(0, 2, dtype=np.int16)
    wave = _noise(rng, sample_rate, num_samples) if kind == "noise" else _tone(rng, sample_rate, num_samples)
    wave *= _sustained(rng, sample_rate, num_samples)
    level = 10 ** (rng.uniform(-20, -0.5) / 20) * 32767
    return np.asarray(np.round(wave / np.abs(wave).max() * level), dtype=np.int16)


def _noise(rng: np.random.Generator, sample_rate: int, num_samples: int) -> np.ndarray:
    """Noise whose power falls by 0 to 20 dB a decade, in a random band of at least an octave."""
    spectrum = np.fft.rfft(rng.standard_normal(num_samples))
    frequency = np.maximum(np.fft.rfftfreq(num_samples, 1 / sample_rate), 20.0)
    low = 20 * 2 ** rng.uniform(0, 8)
    high = low * 2 ** rng.uniform(1, 10)
    gain = frequency ** -rng.uniform(0, 1) / (1 + (low / frequency) ** 4) / (1 + (frequency / high) ** 4)
    return np.asarray(np.fft.irfft(spectrum * gain, num_samples))


def _tone(rng: np.random.Generator, sample_rate: int, num_samples: int) -> np.ndarray:
    """One to four notes of up to eight harmonics each, with vibrato, a glide or neither."""
    time = np.arange(num_samples) / sample_rate
    wave = np.zeros(num_samples)
    glide = rng.choice([0, rng.uniform(-1, 1)])  # octaves a second
    vibrato = rng.choice([0, 0.03]) * np.sin(2 * np.pi * rng.uniform(4, 8) * time)
    for _ in range(rng.integers(1, 5)):
        octaves = np.log2(rng.uniform(60, 1500)) + glide * time + vibrato
        phase = 2 * np.pi * np.cumsum(2**octaves) / sample_rate
        for harmonic in range(1, rng.integers(2, 10)):
            wave += np.sin(harmonic * phase + rng.uniform(0, 2 * np.pi)) * rng.uniform(0, 1) / harmonic
    return wave + 1e-6


def _sustained(rng: np.random.Generator, sample_rate: int, num_samples: int) -> np.ndarray:
    """Envelope that rises within 20 to 300 ms, stays or swings slowly, and may end before the clip's end: [n]."""
    time = np.arange(num_samples) / sample_rate
    attack = np.clip(time / rng.uniform(0.02, 0.3), 0, 1)
    swing = 1 + rng.uniform(0, 0.6) * np.sin(2 * np.pi * rng.uniform(0.5, 6) * time + rng.uniform(0, 6))
    end = rng.uniform(0.5, 1.5) * num_samples / sample_rate
    return np.asarray(attack * swing * np.clip((end - time) / 0.05, 0, 1))
