"""Counts per class follow the proportions of the reference."""

import numpy as np
import pytest

from drumspace.synth.evaluation.reference import balanced_rows, counts_like


def test_counts_follow_the_reference_and_add_up() -> None:
    labels = np.repeat([0, 1, 4], [30, 60, 11])
    counts = counts_like(labels, 100, 8)
    assert counts.sum() == 100
    assert counts.tolist() == [30, 59, 0, 0, 11, 0, 0, 0]


@pytest.mark.parametrize("total", [8, 37, 1000])
def test_counts_differ_from_their_share_by_less_than_one(total: int) -> None:
    labels = np.random.default_rng(0).integers(0, 8, 91)
    counts = counts_like(labels, total, 8)
    assert counts.sum() == total
    assert (np.abs(counts - np.bincount(labels, minlength=8) / 91 * total) < 1).all()


def test_rows_are_balanced_up_to_the_available_clips() -> None:
    rows = np.arange(100, 150)
    labels = np.repeat([2, 5], [45, 5])
    selected = balanced_rows(rows, labels, 10, seed=1)
    assert (np.diff(selected) > 0).all()
    assert np.isin(selected, rows[:45]).sum() == 10 and np.isin(selected, rows[45:]).sum() == 5
