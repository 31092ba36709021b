"""Order and gains of the review queue on points of a line."""

import numpy as np
import pytest

from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.review_queue import review_queue, uncertainty_of


def line_graph(positions: list[float], k: int = 2):
    return Neighbours.from_points(np.array(positions)[:, None], len(positions) - 1).graph(k)


def test_the_middle_of_a_cluster_comes_before_an_isolated_point() -> None:
    positions = [0.0, 0.1, 0.2, 0.3, 0.4, 90.0, 100.0]
    order, gains = review_queue(line_graph(positions), np.ones(7), np.arange(7), np.ones(7, dtype=bool), 7)
    assert order[0] in (1, 2, 3)
    assert sorted(order) == list(range(7))
    assert (np.diff(gains) <= 1e-9).all()


def test_the_second_point_is_in_another_cluster() -> None:
    positions = [0.0, 0.1, 0.2, 0.3, 0.4, 10.0, 10.1, 10.2]
    order, _ = review_queue(line_graph(positions), np.ones(8), np.arange(8), np.ones(8, dtype=bool), 2)
    assert {bool(row < 5) for row in order} == {True, False}


def test_certain_points_come_last_and_a_duplicate_group_is_queued_once() -> None:
    positions = [0.0, 0.1, 0.2, 50.0, 50.1, 50.2]
    uncertainty = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    groups = np.array([0, 1, 2, 3, 3, 3])
    order, gains = review_queue(line_graph(positions), uncertainty, groups, np.ones(6, dtype=bool), 6)
    assert order[0] == 3
    assert gains[0] == pytest.approx(3.0)
    assert sorted(order) == [0, 1, 2, 3]


def test_only_candidates_are_queued() -> None:
    candidates = np.array([False, True, False, True])
    order, _ = review_queue(line_graph([0.0, 1.0, 2.0, 3.0]), np.ones(4), np.arange(4), candidates, 9)
    assert sorted(order) == [1, 3]


def test_uncertainty_runs_from_certain_to_uniform() -> None:
    probs = np.array([[1.0, 0, 0, 0], [0.25] * 4, [0.625, 0.125, 0.125, 0.125], [0.0] * 4])
    assert uncertainty_of(probs) == pytest.approx([0, 1, 0.5, 1])
