"""Distances between a sound and its reconstruction."""

import numpy as np
import pytest

from drumspace.metrics.generation.reconstruction import (
    envelope_error,
    multi_resolution_stft,
    onset_error,
    pitch_error,
    spectral_distances,
)

RATE = 44100
TIME = np.arange(RATE) / RATE
SOUNDS = np.stack(
    [
        np.exp(-10 * TIME) * np.sin(2 * np.pi * 110 * TIME),
        np.exp(-20 * TIME) * np.random.default_rng(0).normal(0, 0.2, RATE),
        np.exp(-5 * TIME) * np.sin(2 * np.pi * 700 * TIME),
    ]
)


def test_the_distance_of_a_sound_from_itself_is_zero() -> None:
    assert multi_resolution_stft(SOUNDS, SOUNDS) == pytest.approx(np.zeros(3))
    for values in spectral_distances(SOUNDS, SOUNDS, RATE).values():
        assert values == pytest.approx(np.zeros(3))
    assert onset_error(SOUNDS, SOUNDS, RATE) == pytest.approx(np.zeros(3))
    assert envelope_error(SOUNDS, SOUNDS, RATE) == pytest.approx(np.zeros(3))
    assert pitch_error(SOUNDS[[0, 2]], SOUNDS[[0, 2]], RATE) == pytest.approx(np.zeros(2))


def test_a_clip_does_not_change_with_its_neighbours() -> None:
    reconstructed = SOUNDS[::-1] * 0.5
    together = multi_resolution_stft(reconstructed, SOUNDS)
    alone = [multi_resolution_stft(reconstructed[[i]], SOUNDS[[i]])[0] for i in range(3)]
    assert together == pytest.approx(alone, rel=1e-6)


def test_half_the_amplitude_is_six_decibels() -> None:
    noise = np.random.default_rng(1).normal(0, 0.2, (2, RATE))  # every bin is above the floor
    errors = spectral_distances(noise / 2, noise, RATE)
    assert errors["log_spectral_distance"] == pytest.approx([6.02, 6.02], abs=0.01)
    assert errors["mel_distance"] == pytest.approx([6.02, 6.02], abs=0.01)
    assert multi_resolution_stft(noise / 2, noise) == pytest.approx([0.5 + np.log(2)] * 2, abs=0.01)
    # Each envelope is relative to its own peak, so the level does not matter.
    assert envelope_error(noise / 2, noise, RATE) == pytest.approx([0, 0], abs=1e-6)


def test_silence_after_a_short_drum_does_not_dilute_its_error() -> None:
    short = np.random.default_rng(1).normal(0, 0.2, (1, RATE))
    short[:, 4096:] = 0
    errors = spectral_distances(short / 2, short, RATE)
    assert errors["mel_distance"][0] == pytest.approx(6.02, abs=0.1)


def test_pitch_error_is_in_semitones() -> None:
    up = np.exp(-10 * TIME) * np.sin(2 * np.pi * 110 * 2 ** (3 / 12) * TIME)
    assert pitch_error(up[None], SOUNDS[:1], RATE)[0] == pytest.approx(3, abs=0.15)
    assert np.isnan(pitch_error(SOUNDS[1:2], SOUNDS[:1], RATE)).all()


def test_onset_error_is_in_milliseconds() -> None:
    late = np.concatenate([np.zeros(882), SOUNDS[0, :-882]])
    assert onset_error(late[None], SOUNDS[:1], RATE)[0] == pytest.approx(20, abs=1.1)


def test_errors_relative_to_silence_are_missing() -> None:
    silence = np.zeros((1, RATE))
    assert np.isnan(spectral_distances(SOUNDS[:1], silence, RATE)["log_spectral_distance"]).all()
    assert np.isnan(onset_error(silence, SOUNDS[:1], RATE)).all()
