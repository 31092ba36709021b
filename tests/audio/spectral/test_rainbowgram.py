"""Rainbowgrams show the level as brightness and the phase derivative as colour."""

import numpy as np
import pytest
from pydantic import ValidationError

from drumspace.audio.spectral.rainbowgram import (
    RainbowParams,
    cqt,
    frequencies,
    intensity,
    phase_derivative,
    rainbowgram,
)

RATE = 44100
VALUES = {
    "fmin": 32.703,
    "octaves": 9,
    "bins_per_octave": 24,
    "hop_length": 256,
    "filter_scale": 0.5,
    "floor_db": -70.0,
}
PARAMS = RainbowParams(**VALUES)
STEADY = slice(40, 130)
"""Frames away from both ends of the sine."""


def sine(frequency: float) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(RATE) / RATE)).astype(np.float32)


def wrap(angle: float) -> float:
    return (angle + np.pi) % (2 * np.pi) - np.pi


@pytest.mark.parametrize("frequency", [220.0, 440.0, 1000.0, 6000.0])
def test_a_steady_sine_has_one_phase_derivative(frequency: float) -> None:
    """In every excited bin and frame the derivative is 2π f hop / rate, so the colour identifies the partial."""
    transform = cqt(sine(frequency), RATE, PARAMS)
    excited = intensity(transform, PARAMS.floor_db)[:, STEADY].min(1) > 0.8
    derivative = phase_derivative(transform)[excited, STEADY]
    assert excited.sum() >= 2
    error = wrap(derivative - 2 * np.pi * frequency * 256 / RATE)
    assert np.abs(error).max() < 0.05


def test_the_brightest_bin_is_at_the_frequency_of_the_sine() -> None:
    picture = rainbowgram(sine(440.0), RATE, PARAMS)
    brightest = picture[:, STEADY].max(-1).mean(1).argmax()
    assert abs(24 * np.log2(440 / 32.703) - brightest) <= 1


def test_a_steady_sines_colour_does_not_change() -> None:
    picture = rainbowgram(sine(440.0), RATE, PARAMS)[90, STEADY].astype(int)
    assert np.ptp(picture, axis=0).max() <= 6


def test_picture_has_the_requested_shape_and_bit_depth() -> None:
    picture = rainbowgram(sine(100.0), RATE, PARAMS)
    assert picture.shape == (216, 173, 3)
    assert picture.dtype == np.uint8
    assert picture.max() == 255


def test_level_does_not_change_the_picture() -> None:
    loud, soft = rainbowgram(sine(300.0), RATE, PARAMS), rainbowgram(sine(300.0) / 8, RATE, PARAMS)
    assert np.abs(loud.astype(int) - soft).max() <= 1


def test_derivative_is_an_angle_and_the_first_frame_repeats_the_second() -> None:
    transform = np.exp(1j * np.outer([1.0, 2.0], [0.0, 3.0, 6.0, 9.0]))
    expected = np.array([[3.0] * 4, [6.0 - 2 * np.pi] * 4])
    np.testing.assert_allclose(phase_derivative(transform), expected, atol=1e-12)


def test_silence_is_black() -> None:
    assert rainbowgram(np.zeros(RATE, dtype=np.float32), RATE, PARAMS).max() == 0


@pytest.mark.parametrize(
    ("rate", "bins_per_octave", "filter_scale"), [(8000, 24, 0.5), (16000, 4, 0.3), (22050, 48, 1.0)]
)
def test_bins_stay_below_half_the_rate(rate: int, bins_per_octave: int, filter_scale: float) -> None:
    changes = {"bins_per_octave": bins_per_octave, "filter_scale": filter_scale}
    params = RainbowParams(**{**VALUES, **changes})
    centres = frequencies(rate, params)
    assert len(centres) > bins_per_octave * 5
    wave = np.resize(sine(100.0), rate * 2)
    assert cqt(wave, rate, params).shape == (len(centres), 1 + 2 * rate // 256)


def test_invalid_values_raise_errors() -> None:
    with pytest.raises(ValidationError):
        RainbowParams(**{**VALUES, "floor_db": 10.0})
