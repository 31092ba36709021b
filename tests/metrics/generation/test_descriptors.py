"""Descriptors of synthetic sounds agree with the parameters of their synthesis."""

import numpy as np
import pytest

from drumspace.metrics.generation.descriptors import (
    brightness_hz,
    decay_seconds,
    hop_periodicity,
    noisiness,
    onset_seconds,
    pitch_hz,
)

RATE = 44100
TIME = np.arange(RATE) / RATE


def ring(hz: float, rate: float = 10) -> np.ndarray:
    return np.exp(-rate * TIME) * np.sin(2 * np.pi * hz * TIME)


def hiss(seed: int, rate: float = 10) -> np.ndarray:
    return np.exp(-rate * TIME) * np.random.default_rng(seed).normal(0, 0.2, RATE)


@pytest.mark.parametrize("hz", [55, 110, 221, 440, 800])
def test_pitch_of_sines_and_harmonic_tones(hz: float) -> None:
    assert pitch_hz(ring(hz)[None], RATE)[0] == pytest.approx(hz, rel=0.015)
    # With partials, the pitch is the fundamental, not the loudest partial.
    assert pitch_hz((ring(hz) + 2 * ring(2 * hz) + ring(3 * hz))[None], RATE)[0] == pytest.approx(hz, rel=0.015)


def test_a_low_drum_with_a_faint_high_partial_keeps_its_pitch() -> None:
    assert pitch_hz((ring(50) + 0.1 * ring(3000))[None], RATE)[0] == pytest.approx(50, rel=0.01)


def test_pitch_is_interpolated_between_samples() -> None:
    assert pitch_hz(ring(803)[None], RATE)[0] == pytest.approx(803, rel=0.002)


def test_noise_and_silence_have_no_pitch() -> None:
    assert np.isnan(pitch_hz(np.stack([hiss(0), np.zeros(RATE)]), RATE)).all()


def test_brightness_and_noisiness_of_tones_and_noise() -> None:
    bright = brightness_hz(np.stack([ring(200), ring(3000), hiss(0)]), RATE)
    assert bright[:2] == pytest.approx([200, 3000], rel=0.2)
    assert bright[2] == pytest.approx(RATE / 4, rel=0.02)
    flat = noisiness(np.stack([ring(200), hiss(0)]))
    assert flat[0] < 0.001 and 0.5 < flat[1] < 0.6  # exp(-Euler's constant) for Gaussian noise


@pytest.mark.parametrize("rate", [5, 20, 80])
def test_decay_time_of_exponential_decays(rate: float) -> None:
    # Energy decays as exp(-2 rate t); it reaches 1 % at ln(100) / (2 rate).
    assert decay_seconds(hiss(0, rate)[None], RATE)[0] == pytest.approx(np.log(100) / (2 * rate), rel=0.06)


def test_onset_time_of_delayed_sounds() -> None:
    late = np.concatenate([np.zeros(441), ring(200)[:-441]])
    assert onset_seconds(np.stack([ring(200), late]), RATE) == pytest.approx([0, 0.01], abs=0.0011)


def test_periodicity_finds_the_hop_of_a_buzz_and_not_of_noise() -> None:
    buzz = np.zeros(RATE)
    buzz[::256] = 1
    coloured = np.convolve(buzz * np.exp(-10 * TIME), np.exp(-np.arange(60) / 9), "same")
    values = hop_periodicity(np.stack([coloured, hiss(0), np.cumsum(hiss(1))]), 256)
    assert values[0] > 0.9
    assert abs(values[1]) < 0.06 and abs(values[2]) < 0.06
    assert abs(hop_periodicity(coloured[None], 300)[0]) < 0.1


def test_descriptors_of_silence_are_missing() -> None:
    silence = np.zeros((2, RATE))
    for values in (
        onset_seconds(silence, RATE),
        decay_seconds(silence, RATE),
        brightness_hz(silence, RATE),
        noisiness(silence),
        hop_periodicity(silence, 256),
    ):
        assert np.isnan(values).all()
