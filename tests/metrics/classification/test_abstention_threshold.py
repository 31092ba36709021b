"""Confidence thresholds of selective classification keep the target precision."""

import numpy as np
import pytest

from drumspace.metrics.classification.abstention_threshold import (
    bounded_threshold,
    class_thresholds,
    precision_bound,
    threshold_for,
)


def test_threshold_is_the_least_confidence_that_keeps_the_precision() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    correct = np.array([True, True, False, True, False])
    assert threshold_for(1.0, confidence, correct) == 0.8
    assert threshold_for(0.75, confidence, correct) == 0.6
    assert threshold_for(0.6, confidence, correct) == 0.5


def test_equal_confidences_are_accepted_or_rejected_together() -> None:
    assert threshold_for(0.9, np.array([0.9, 0.9, 0.3]), np.array([True, False, True])) is None
    assert threshold_for(0.5, np.array([0.9, 0.9, 0.3]), np.array([True, False, False])) == 0.9
    assert threshold_for(0.9, np.empty(0), np.empty(0, bool)) is None


def of_kits(kits: int, size: int, correct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predictions [kits * size] that are right or wrong as a whole kit, and their kits."""
    return np.repeat(correct, size), np.repeat(np.arange(kits), size)


def test_the_bound_counts_kits_and_not_clips() -> None:
    few, many = of_kits(40, 1, np.arange(40) > 0), of_kits(40, 25, np.arange(40) > 0)
    assert precision_bound(*many) == pytest.approx(precision_bound(*few), abs=1e-6)
    rng = np.random.default_rng(0)
    independent = rng.permutation(many[0]), many[1]
    assert precision_bound(*independent) > precision_bound(*many) + 0.05
    assert precision_bound(np.ones(100, dtype=bool), np.zeros(100)) == 0.0  # one kit says nothing of others


def test_without_an_error_the_bound_assumes_a_correlation_within_kits() -> None:
    # Clopper-Pearson with no error in m trials: alpha ** (1 / m); the design effect is 1 + 0.3 (7 - 1).
    assert precision_bound(*of_kits(60, 7, np.ones(60, dtype=bool))) == pytest.approx(0.05 ** (2 * 2.8 / 420))


def test_the_bounded_threshold_keeps_the_precision_on_other_kits() -> None:
    rng = np.random.default_rng(1)
    kept: dict[str, list[bool]] = {"bound": [], "point": []}
    for _ in range(60):
        # The odds of a kit's clips share a deviation, as the sounds of a kit are alike.
        kit = np.repeat(np.arange(120), 20)
        odds = rng.normal(2, 2, 2400)
        correct = rng.random(2400) < 1 / (1 + np.exp(-(odds + rng.normal(0, 1.5, 120)[kit])))
        chosen = kit < 60
        for name, threshold in (
            ("bound", bounded_threshold(0.9, odds[chosen], correct[chosen], kit[chosen])),
            ("point", threshold_for(0.9, odds[chosen], correct[chosen])),
        ):
            given = ~chosen & (odds >= (np.inf if threshold is None else threshold))
            kept[name].append(not given.any() or bool(correct[given].mean() >= 0.9))
    assert np.mean(kept["bound"]) >= 0.9
    assert np.mean(kept["point"]) < 0.75


def test_classes_whose_confidence_promises_too_much_get_a_higher_threshold() -> None:
    rng = np.random.default_rng(2)
    predicted, kits = rng.integers(0, 3, 6000), rng.integers(0, 300, 6000)
    confidence = rng.uniform(0.3, 1, 6000)
    correct = rng.random(6000) < np.where(predicted == 2, confidence**3, confidence**0.3)
    thresholds = class_thresholds(0.9, confidence, predicted, correct, kits, 3)
    assert thresholds is not None and thresholds[2] > max(thresholds[:2]) + 0.1
    given = confidence >= thresholds[predicted]
    assert correct[given].mean() > 0.9
    # A class that is never predicted gets the threshold of the mean class.
    absent = class_thresholds(0.9, confidence, predicted, correct, kits, 4)
    assert absent is not None and min(thresholds) < absent[3] < thresholds[2]


def test_no_threshold_where_the_precision_cannot_be_kept() -> None:
    rng = np.random.default_rng(3)
    confidence, kits = rng.uniform(0.5, 1, 300), rng.integers(0, 30, 300)
    assert class_thresholds(0.95, confidence, np.zeros(300, int), rng.random(300) < 0.8, kits, 2) is None
    assert class_thresholds(0.95, confidence[:0], np.zeros(0, int), np.zeros(0, bool), kits[:0], 2) is None
