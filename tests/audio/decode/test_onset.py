"""Sounds are trimmed to start one lead before their onset."""

import numpy as np

from drumspace.audio.decode.onset import clip_start, find_onset, trim_to_onset
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
