import numpy as np
import pytest

from drumspace.maps.neighbours import Neighbours, nearest_points


def test_neighbours_are_those_of_all_distances() -> None:
    points = np.random.default_rng(0).standard_normal((60, 3)).astype(np.float32)
    neighbours = Neighbours.from_points(points, 7)
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert np.array_equal(neighbours.index, np.argsort(distance, axis=1)[:, :7])
    np.testing.assert_allclose(neighbours.distance, np.sort(distance, axis=1)[:, :7], atol=1e-5)


def test_more_neighbours_than_points_are_all_the_others() -> None:
    points = np.arange(4.0)[:, None]
    neighbours = Neighbours.from_points(points, 50)
    assert neighbours.index[[0, 3]].tolist() == [[1, 2, 3], [2, 1, 0]]
    assert [sorted(row) for row in neighbours.index.tolist()] == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]
    assert neighbours.distance.tolist() == [[1, 2, 3], [1, 1, 2], [1, 1, 2], [1, 2, 3]]
    assert Neighbours.from_points(points[:1], 50).index.shape == (1, 0)


@pytest.mark.parametrize("max_neighbours", [79, 20, 3, 0])
def test_labelled_neighbours_are_found_at_any_distance_and_with_any_number_kept(max_neighbours: int) -> None:
    rng = np.random.default_rng(1)
    points = rng.standard_normal((80, 2)).astype(np.float32)
    labels = np.where(rng.random(80) < 0.1, 1, -1)
    index, distance = Neighbours.from_points(points, max_neighbours).nearest_labelled(labels, 3)
    for row in range(80):
        others = [other for other in np.flatnonzero(labels >= 0) if other != row]
        others.sort(key=lambda other: np.linalg.norm(points[row] - points[other]))
        assert index[row].tolist() == others[:3]
    assert (np.diff(distance, axis=1) >= 0).all()


def test_too_few_labelled_points_are_filled_with_minus_one() -> None:
    labels = np.array([-1, 2, -1, -1])
    nearest = Neighbours.from_points(np.arange(4.0)[:, None], 3)
    assert (nearest.nearest_labelled(np.full(4, -1), 2)[0] == -1).all()
    index, distance = nearest.nearest_labelled(labels, 2)
    assert index.tolist() == [[1, -1], [-1, -1], [1, -1], [1, -1]]
    assert distance[:, 1].tolist() == [np.inf] * 4


def test_the_graph_is_symmetric_and_strongest_between_the_nearest() -> None:
    graph = Neighbours.from_points(np.array([[0.0], [1.0], [3.0], [7.0]]), 3).graph(2).toarray()
    np.testing.assert_allclose(graph, graph.T)
    assert graph[0, 1] > graph[1, 2] > graph[0, 3] == 0
    assert (np.diag(graph) == 0).all()


def test_nearest_neighbours_of_new_points() -> None:
    index, distance = nearest_points(np.array([[0.0], [10.0]]), np.array([[9.0]]), 2)
    assert index.tolist() == [[1, 0]]
    assert distance.tolist() == [[1.0, 9.0]]
