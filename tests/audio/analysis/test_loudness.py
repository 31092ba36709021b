"""Loudness against the values of the standard, and against torchaudio."""

import numpy as np
import pytest
import torch
import torchaudio
from scipy import signal

from drumspace.audio.analysis.loudness import k_weighting, loudness_lufs

SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585])
HIGH_PASS = ([1, -2, 1], [1, -1.99004745483398, 0.99007225036621])
"""Tables 1 and 2 of ITU-R BS.1770-4, for 48 kHz."""


def burst(seconds: float, rate: int, seed: int = 0) -> np.ndarray:
    """Decaying noise, float32 [T]."""
    length = round(seconds * rate)
    envelope = 0.5 * np.exp(-8 * np.arange(length) / rate)
    return (np.random.default_rng(seed).uniform(-1, 1, length) * envelope).astype(np.float32)


def test_the_filter_is_that_of_the_standard() -> None:
    frequencies = 2 * np.pi * np.arange(513) / 1024
    expected = signal.freqz(*SHELF, frequencies)[1] * signal.freqz(*HIGH_PASS, frequencies)[1]
    assert np.abs(k_weighting(48000, 1024) - expected).max() < 1e-6


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000])
def test_a_full_sine_of_997_hz_has_minus_3_lufs(rate: int) -> None:
    sine = np.sin(2 * np.pi * 997 * np.arange(2 * rate) / rate).astype(np.float32)
    assert loudness_lufs(sine, rate) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("seconds", [0.02, 0.2, 0.4, 0.45, 1.0, 3.0])
def test_it_agrees_with_torchaudio(seconds: float) -> None:
    sound = burst(seconds, 44100)
    padded = np.pad(sound, (0, max(0, round(0.4 * 44100) - len(sound))))
    expected = torchaudio.functional.loudness(torch.from_numpy(padded)[None], 44100).item()
    # Its filters are not quite those of the standard: 0.05 LU for noise.
    assert loudness_lufs(sound, 44100) == pytest.approx(expected, abs=0.1)


def test_half_the_amplitude_is_6_lu_less() -> None:
    sound = burst(0.8, 44100)
    loud, soft = (loudness_lufs(gain * sound, 44100) for gain in (1, 0.5))
    assert loud is not None
    assert soft == pytest.approx(loud - 20 * np.log10(2), abs=1e-3)


def test_silence_behind_a_sound_is_gated() -> None:
    sound = np.concatenate([burst(0.4, 44100) + np.float32(0.2) * burst(0.4, 44100, 1)] * 4)
    assert loudness_lufs(np.pad(sound, (0, 5 * 44100)), 44100) == pytest.approx(loudness_lufs(sound, 44100), abs=0.5)


@pytest.mark.parametrize("length", [1, 100, 100_000])
def test_silence_has_no_loudness(length: int) -> None:
    assert loudness_lufs(np.zeros(length, np.float32), 44100) is None
    assert loudness_lufs(np.full(length, 1e-5, np.float32), 44100) is None
