"""Faithfulness metrics of maps: trustworthiness, neighbour overlap and purity."""

import numpy as np
import pytest

from drumspace.metrics.maps.faithfulness import nearest, neighbour_overlap, neighbour_purity, trustworthiness


def test_trustworthiness_is_high_for_kept_distances_and_low_for_shuffled_ones() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((300, 2))
    rotated = points @ np.array([[0.0, -2.0], [2.0, 0.0]])
    shuffled = rng.permutation(points)
    assert trustworthiness(points, rotated, 10) == pytest.approx(1.0)
    assert trustworthiness(points, shuffled, 10) == pytest.approx(0.5, abs=0.05)
    assert neighbour_overlap(nearest(points, 10), nearest(rotated, 10)) == 1.0
    assert neighbour_overlap(nearest(points, 10), nearest(shuffled, 10)) == pytest.approx(10 / 299, abs=0.03)


def test_neighbour_overlap_counts_shared_neighbours() -> None:
    assert neighbour_overlap(np.array([[1, 2, 3, 4]]), np.array([[4, 9, 8, 1]])) == 0.5


def test_purity_is_one_for_separate_clusters_and_chance_for_random_labels() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 5], [200, 50, 50])
    queried = rng.random(300) < 0.5
    points = rng.standard_normal((300, 2)) * 0.1 + labels[:, None]
    assert neighbour_purity(points, labels, queried, 10) == 1.0
    everywhere = rng.standard_normal((300, 2))
    # The expected value is the macro mean of the class shares 2/3, 1/6 and 1/6.
    assert neighbour_purity(everywhere, labels, queried, 10) == pytest.approx(1 / 3, abs=0.05)


def test_purity_does_not_count_the_point_itself() -> None:
    line = np.array([[0.0], [0.1], [1.0], [5.0], [5.1]])
    labels = np.array([0, 1, 0, 1, -1])
    queried = np.array([True, True, False, False, True])
    # The nearest neighbours of the first two points are queried themselves, so the third point is used for both.
    assert neighbour_purity(line, labels, queried, 1) == pytest.approx(np.mean([1.0, 0.0]))
    assert neighbour_purity(line, labels, queried, 3) is None
    assert neighbour_purity(line, labels, np.zeros(5, dtype=bool), 1) is None
