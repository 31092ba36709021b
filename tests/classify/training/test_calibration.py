"""Calibration of classes and of rejection."""

import numpy as np
import pytest

from drumspace.classify.training.calibration import Calibration, Rejection
from drumspace.classify.training.fit_calibration import calibrate


def test_a_class_without_training_clips_does_not_count_for_the_temperature() -> None:
    labels = np.tile([0, 7], 4)
    outputs = np.full((8, 8), -3.0)
    outputs[np.arange(8), labels] = 1.0
    expected = calibrate(outputs[::2], labels[::2], np.array([0]), 8)
    outputs[1::2] = [9.0] + [0.0] * 7
    assert calibrate(outputs, labels, np.array([0]), 8).temperature == pytest.approx(expected.temperature)
    assert expected.rejection is None


def test_rejection_is_calibrated_with_as_much_weight_on_both_sides() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, -1], [300, 300, 40])
    outputs = np.zeros((640, 3))
    outputs[np.arange(600), labels[:600]] = 4.0
    outputs[:, 2] = 5 * rng.standard_normal(640) + np.where(labels < 0, 5, -5) + 2
    calibration = calibrate(outputs, labels, np.array([0, 1, -1]), 2)
    probs = calibration.probabilities(outputs, 2)
    np.testing.assert_allclose(probs.classes.sum(axis=1), 1)
    assert np.mean(probs.other[labels < 0] > 0.5) == pytest.approx(np.mean(probs.other[labels >= 0] < 0.5), abs=0.06)
    # Two normal distributions 10 apart of deviation 5: the log odds of balanced sides rise by 10 / 25 an output.
    assert calibration.rejection is not None and calibration.rejection.scale == pytest.approx(0.4, rel=0.25)


def test_without_other_sounds_to_calibrate_on_the_output_is_taken_as_it_is() -> None:
    outputs = np.array([[3.0, 0.0, -1.0], [0.0, 3.0, 0.0]])
    calibration = calibrate(outputs, np.array([0, 1]), np.array([0, 1]), 2)
    assert calibration.rejection == Rejection(1.0, 0.0)
    assert calibration.probabilities(outputs, 2).other[1] == 0.5


def test_a_model_without_rejection_takes_nothing_for_other() -> None:
    probs = Calibration(2.0, None).probabilities(np.array([[2.0, 0.0]]), 2)
    assert probs.other.tolist() == [0.0]
    assert probs.classes[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))
