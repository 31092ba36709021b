"""Sounds are trimmed to start one lead before their onset."""

import numpy as np
import pytest

from drumspace.audio.decode.onset import clip_start, find_onset, remove_offset, trim_to_onset
from drumspace.audio.format.levels import db_to_amplitude, peak, to_pcm
from drumspace.audio.format.settings import AudioParams

RATE = 8000
AUDIO = AudioParams(sample_rate=RATE, seconds=0.5, onset_db=-40, lead_ms=1, fade_ms=10, silence_dbfs=-60)


def test_a_sound_is_trimmed_to_its_onset_and_padded() -> None:
    wave = np.zeros(6000, dtype=np.float32)
    wave[5000:] = 0.5
    assert find_onset(wave, -40) == 5000
    assert clip_start(wave, RATE, AUDIO) == 5000 - 8
    trimmed = trim_to_onset(wave, RATE, AUDIO)
    assert trimmed.shape == wave.shape and not trimmed[:8].any()
    assert (trimmed[8:1008] == 0.5).all() and not trimmed[1008:].any()


def test_an_onset_at_the_start_keeps_the_sound() -> None:
    wave = np.ones(100, dtype=np.float32)
    np.testing.assert_array_equal(trim_to_onset(wave, RATE, AUDIO), wave)


def test_decibels_peak_and_pcm_conversion() -> None:
    assert db_to_amplitude(-20) == 0.1 and db_to_amplitude(0) == 1
    assert peak(np.array([0.2, -0.7])) == 0.7 and peak(np.array([])) == 0
    assert to_pcm(np.array([-2.0, 0.0, 0.5, 2.0])).tolist() == [-32767, 0, 16384, 32767]


def decaying(rate: int = 44100, seconds: float = 0.5) -> np.ndarray:
    """A decaying sine of 60 Hz: float32 [T]."""
    t = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.exp(-9 * t) * np.sin(2 * np.pi * 60 * t)).astype(np.float32)


@pytest.mark.parametrize("offset", [-0.3, -0.02, 0.02, 0.3])
@pytest.mark.parametrize("head", [0, 441, 44100])
def test_an_offset_is_found_with_and_without_a_silent_head(offset: float, head: int) -> None:
    sound = np.append(np.zeros(head, np.float32), decaying(seconds=0.8)) + np.float32(offset)
    fixed = remove_offset(sound, 44100, -40)
    np.testing.assert_allclose(fixed, sound - np.float32(offset), atol=0.006)


@pytest.mark.parametrize("offset", [-0.3, -0.02, 0.02, 0.3])
@pytest.mark.parametrize(("seconds", "centre"), [(0.4, 0.0), (0.8, 0.0), (0.8, 0.1)])
def test_an_offset_of_the_head_alone_is_not_taken_for_that_of_the_sound(
    offset: float, seconds: float, centre: float
) -> None:
    head = np.full(4410, centre + offset, np.float32)
    sound = decaying(seconds=seconds)
    fixed = remove_offset(np.append(head, sound + np.float32(centre)), 44100, -40)
    np.testing.assert_allclose(fixed[4420:], sound[10:], atol=0.006)
    assert np.abs(fixed[:4400]).max() < 0.005


@pytest.mark.parametrize("silence", [0, 5000])
def test_an_offset_that_begins_behind_zeros_is_removed(silence: int) -> None:
    sound = np.concatenate([np.zeros(4000, np.float32), np.append(np.zeros(silence), decaying()) + 0.2]).astype("f4")
    fixed = remove_offset(sound, 44100, -40)
    assert 4000 + silence <= find_onset(fixed, -40) < 4000 + silence + 60
    assert np.abs(fixed[:4000]).max() == 0
    np.testing.assert_allclose(fixed[4000 + silence :], decaying(), atol=0.006)


@pytest.mark.parametrize("seconds", [0.02, 0.05, 0.3, 2.0])
def test_a_low_sound_is_no_offset(seconds: float) -> None:
    low = decaying(seconds=seconds)
    assert remove_offset(low, 44100, -40) is low
    noise = np.random.default_rng(0).uniform(-1, 1, round(44100 * seconds)).astype(np.float32)
    assert remove_offset(noise, 44100, -40) is noise


def test_one_step_of_the_quantisation_is_no_onset() -> None:
    step = 1 / 128
    head = np.float32(step) * np.random.default_rng(0).integers(0, 2, 5000).astype(np.float32)
    sound = np.append(head, np.full(100, 0.3, np.float32))
    assert find_onset(sound, -40) < 20
    assert find_onset(sound, -40, step) == 5000
