"""Intervals by kit are wide where clips of a kit agree, and those of clips where they do not."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


@pytest.fixture
def intervals(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from benchmarks._lib import kit_intervals

    return kit_intervals


def width(pair: list[float]) -> float:
    return pair[1] - pair[0]


def test_clips_of_a_kit_that_are_right_and_wrong_together_widen_the_interval(intervals: ModuleType) -> None:
    truth = np.zeros(200, dtype=int)
    predicted = np.repeat([0, 1], 100)
    by_kit = intervals.scores_by_kit(truth, predicted, intervals.kit_weights(np.repeat(np.arange(20), 10)))
    by_clip = intervals.scores_by_kit(truth, predicted, intervals.kit_weights(np.arange(200)))
    assert by_kit["accuracy"] == by_clip["accuracy"] == 0.5
    # Standard errors: 0.5 / sqrt(20) and 0.5 / sqrt(200).
    assert width(by_kit["accuracy_ci95"]) == pytest.approx(2 * 1.96 * 0.5 / 20**0.5, rel=0.15)
    assert width(by_clip["accuracy_ci95"]) == pytest.approx(2 * 1.96 * 0.5 / 200**0.5, rel=0.15)


def test_scores_and_the_change_against_other_predictions(intervals: ModuleType) -> None:
    truth = np.array([0, 0, 0, 1])
    predicted = np.array([0, 0, 1, 1])
    reference = np.array([0, 0, 0, 0])
    weights = intervals.kit_weights(np.array(["a", "a", "b", "b"]))
    scores = intervals.scores_by_kit(truth, predicted, weights, reference)
    assert scores["accuracy"] == 0.75
    assert scores["macro_recall"] == pytest.approx((2 / 3 + 1) / 2)
    assert scores["accuracy_change"] == 0
    assert scores["n"] == 4
    # Kit a alone: all right; b alone: one of two right.
    assert scores["accuracy_ci95"] == [0.5, 1.0]
    # Each resample's recall is over the classes that it holds: a alone has class 0 only.
    assert scores["macro_recall_ci95"] == [0.5, 1.0]
    same = intervals.scores_by_kit(truth, predicted, weights, predicted)
    assert same["accuracy_change_ci95"] == [0.0, 0.0]


def test_weights_resample_whole_kits(intervals: ModuleType) -> None:
    kits = np.array(["a", "b", "a", "c"])
    weights = intervals.kit_weights(kits, resamples=500, seed=1)
    np.testing.assert_array_equal(weights[:, 0], weights[:, 2])
    np.testing.assert_array_equal(weights[:, [0, 1, 3]].sum(axis=1), 3)
    np.testing.assert_array_equal(weights, intervals.kit_weights(kits, resamples=500, seed=1))
