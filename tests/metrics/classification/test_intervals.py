"""Intervals of means over clips, and over repetitions."""

import numpy as np
import pytest

from drumspace.metrics.classification.intervals import bootstrap_ci95, share_ci95, student_ci95


def test_interval_of_a_proportion_agrees_with_the_normal_approximation() -> None:
    """The example of the thesis: an accuracy of 0.86 on 160 clips has the interval 0.86 ± 0.054."""
    right = np.r_[np.ones(138), np.zeros(22)]
    low, high = bootstrap_ci95(right, 4000, seed=0)
    assert low == pytest.approx(0.8625 - 0.0534, abs=0.008)
    assert high == pytest.approx(0.8625 + 0.0534, abs=0.008)


def test_students_interval_is_clipped_and_needs_two_values() -> None:
    assert student_ci95([0.75, 0.8, 0.85]) == pytest.approx(
        [0.8 - 4.303 * 0.05 / 3**0.5, 0.8 + 4.303 * 0.05 / 3**0.5], abs=1e-3
    )
    assert student_ci95([0.5]) is None
    assert student_ci95([0.5, 1.0]) == [0.0, 1.0]


def test_the_interval_of_a_share_is_wider_where_groups_agree() -> None:
    rng = np.random.default_rng(0)
    right = np.repeat(rng.random(40) < 0.8, 10)
    counted = np.ones(400, dtype=bool)
    alone = share_ci95(right, counted, np.arange(400), 2000, seed=0)
    assert alone == pytest.approx(bootstrap_ci95(right, 2000, seed=0), abs=0.01)
    grouped = share_ci95(right, counted, np.repeat(np.arange(40), 10), 2000, seed=0)
    assert alone and grouped and grouped[1] - grouped[0] > 2 * (alone[1] - alone[0])
    # What is not counted has no part in it.
    with_others = share_ci95(np.r_[right, right], np.r_[counted, ~counted], np.tile(np.arange(400), 2), 2000, seed=0)
    assert with_others == alone
    assert share_ci95(right, counted, np.zeros(400), 100, seed=0) is None
    assert share_ci95(right, ~counted, np.arange(400), 100, seed=0) is None
