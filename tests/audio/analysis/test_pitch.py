"""Pitches of drums whose fundamental is known."""

import numpy as np
import pytest

from drumspace.audio.analysis.pitch import BATCH, pitch_hz

RATE = 44100
TIME = np.arange(RATE) / RATE


def drum(frequency: float, fall: float = 1.0, decay: float = 8.0) -> np.ndarray:
    """Sine that falls from (1 + fall) times its frequency within some 30 ms."""
    phase = frequency * (TIME + fall * 0.01 * (1 - np.exp(-TIME / 0.01)))
    return np.sin(2 * np.pi * phase) * np.exp(-decay * TIME)


def cents(measured: np.ndarray, expected: list[float]) -> np.ndarray:
    """Distance of pitches in cents."""
    return 1200 * np.abs(np.log2(measured / expected))


def test_kicks_and_toms_have_the_pitch_they_settle_on() -> None:
    pitches = [38.0, 50.0, 61.3, 98.0, 160.0, 310.0]
    clips = np.stack([drum(pitch) for pitch in pitches])
    assert cents(pitch_hz(clips, RATE), pitches).max() < 20


def test_the_pitch_does_not_depend_on_level_or_on_other_clips() -> None:
    clips = np.stack([drum(40 + 3 * number) for number in range(BATCH + 3)]).astype(np.float32)
    together = pitch_hz(clips, RATE)
    assert len(together) == BATCH + 3
    assert pitch_hz(clips[-1:] * np.float32(20_000), RATE)[0] == pytest.approx(together[-1], rel=1e-3)


def test_overtones_do_not_hide_the_fundamental() -> None:
    membrane = 0.4 * drum(80 * 1.594, decay=12) + 0.3 * drum(80 * 2.136, decay=20)
    sound = drum(80) + membrane + 0.02 * np.random.default_rng(0).normal(size=RATE) * np.exp(-8 * TIME)
    assert cents(pitch_hz(sound[None], RATE), [80.0])[0] < 50


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(size=(3, RATE)) * np.exp(-10 * TIME)
    assert np.isnan(pitch_hz(np.concatenate([noise, np.zeros((1, RATE))]), RATE)).all()
    assert np.isnan(pitch_hz(np.zeros((2, 50)), RATE)).all()
    assert pitch_hz(np.zeros((0, RATE)), RATE).shape == (0,)
