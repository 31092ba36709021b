"""Classification metrics agree with cases worked out by hand."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from drumspace.metrics.classification.classification import (
    balanced_cross_entropy,
    calibration_error,
    fit_temperature,
    macro_recall,
    summary,
)


def test_balanced_cross_entropy_counts_classes_alike() -> None:
    logits = np.log(np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.2, 0.8]]))
    assert balanced_cross_entropy(np.array([0, 0, 0, 1]), logits) == pytest.approx((np.log(2) - np.log(0.8)) / 2)


def test_macro_recall_weighs_classes_not_clips() -> None:
    truth = np.array([0, 0, 0, 0, 1])
    assert macro_recall(truth, np.array([0, 0, 0, 0, 0])) == 0.5
    assert macro_recall(truth, truth) == 1.0


def test_calibration_error_of_known_gaps() -> None:
    probabilities = np.array([[0.9, 0.1]] * 10)
    assert calibration_error(np.zeros(10, int), probabilities) == pytest.approx(0.1)
    half = np.r_[np.zeros(9, int), 1]
    assert calibration_error(half, probabilities) == pytest.approx(0.0, abs=1e-12)


def test_temperature_undoes_a_scale() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 5))
    truth = np.array([rng.choice(5, p=p) for p in softmax(logits, axis=1)])
    assert fit_temperature(truth, 6 * logits) == pytest.approx(6, rel=0.08)


def test_temperature_never_raises_the_entropy() -> None:
    rng = np.random.default_rng(1)
    logits, truth = rng.normal(size=(50, 8)) * 10, rng.integers(0, 8, 50)
    temperature = fit_temperature(truth, logits)

    def entropy(scale: float) -> float:
        return -log_softmax(logits / scale, axis=1)[np.arange(50), truth].mean()

    assert entropy(temperature) <= entropy(1.0)


def test_summary_agrees_with_a_case_by_hand() -> None:
    truth = np.array([0, 0, 1, 2])
    probabilities = np.eye(4)[[0, 1, 1, 2]]
    result = summary(truth, probabilities)
    assert result["accuracy"] == 0.75
    assert result["recall"] == pytest.approx((0.5 + 1 + 1) / 3)
    assert result["precision"] == pytest.approx((1 + 0.5 + 1) / 3)
    assert result["confusion"] == [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert result["n"] == 4


def test_permuted_labels_are_at_chance() -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(8), 200)
    probabilities = np.eye(8)[truth]
    assert summary(truth, probabilities)["accuracy"] == 1.0
    shuffled = summary(rng.permutation(truth), probabilities)
    assert shuffled["accuracy"] == pytest.approx(1 / 8, abs=0.03)
