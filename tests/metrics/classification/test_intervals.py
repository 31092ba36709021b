"""Bootstrap intervals of macro averages agree with explicit resampling."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from drumspace.metrics.classification.intervals import bootstrap_ci95, macro_intervals, student_ci95


def test_interval_of_a_proportion_agrees_with_the_normal_approximation() -> None:
    """The example of the thesis: an accuracy of 0.86 on 160 clips has the interval 0.86 ± 0.054."""
    right = np.r_[np.ones(138), np.zeros(22)]
    low, high = bootstrap_ci95(right, 4000, seed=0)
    assert low == pytest.approx(0.8625 - 0.0534, abs=0.008)
    assert high == pytest.approx(0.8625 + 0.0534, abs=0.008)


def test_interval_limits_equal_those_of_resampling_one_by_one() -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 2, 5], [30, 20, 10])
    predicted = np.where(rng.random(60) < 0.7, truth, rng.integers(0, 6, 60))
    intervals = macro_intervals(truth, predicted, resamples=400, seed=7)
    samples = np.random.default_rng(7).integers(0, 60, (400, 60))
    averages = np.array(
        [
            precision_recall_fscore_support(
                truth[rows], predicted[rows], labels=np.unique(truth[rows]), average="macro", zero_division=0
            )[:3]
            for rows in samples
        ]
    )
    for column, name in enumerate(("precision", "recall", "f1")):
        assert intervals[f"{name}_ci95"] == pytest.approx(np.percentile(averages[:, column], [2.5, 97.5]), abs=1e-9)


def test_more_clips_give_a_narrower_interval_and_no_errors_none() -> None:
    truth = np.tile(np.arange(4), 25)
    predicted = np.where(np.arange(100) % 5 == 0, (truth + 1) % 4, truth)
    few = macro_intervals(truth, predicted, 500, 0)["f1_ci95"]
    many = macro_intervals(np.tile(truth, 9), np.tile(predicted, 9), 500, 0)["f1_ci95"]
    assert many[1] - many[0] < 0.5 * (few[1] - few[0])
    assert macro_intervals(truth, truth, 100, 0)["recall_ci95"] == [1.0, 1.0]


def test_students_interval_is_clipped_and_needs_two_values() -> None:
    assert student_ci95([0.75, 0.8, 0.85]) == pytest.approx(
        [0.8 - 4.303 * 0.05 / 3**0.5, 0.8 + 4.303 * 0.05 / 3**0.5], abs=1e-3
    )
    assert student_ci95([0.5]) is None
    assert student_ci95([0.5, 1.0]) == [0.0, 1.0]
