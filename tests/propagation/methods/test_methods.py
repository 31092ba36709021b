"""What holds for every method, and what each is for."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.semi_supervised import LabelSpreading

from drumspace.errors import UserError
from drumspace.maps.neighbours import Neighbours
from drumspace.propagation import registry
from drumspace.propagation.cell import Cell

Clouds = tuple[np.ndarray, np.ndarray]
SETTINGS = {
    "thesis": {},
    "thesis_classifier": {"weight": 0.5},
    "bubble": {"radius": 1.5},
    "knn": {},
    "label_spreading": {"alpha": 0.8, "rounds": 30},
    "classifier": {},
    "hybrid": {"alpha": 0.8, "rounds": 20},
}


def said(name: str, cell: Cell, k: int = 6) -> np.ndarray:
    return registry.scores(name, cell, k, registry.settings_type(name).model_validate(SETTINGS[name]))


def cell_of(points: np.ndarray, labels: np.ndarray, known: np.ndarray, right: float = 0.7) -> Cell:
    """A cell whose classifier is right on a share of the points, at random."""
    rng = np.random.default_rng(3)
    answers = np.where(rng.random(len(labels)) < right, labels, (labels + 1) % 3)
    probabilities = np.eye(3)[answers] * 0.7 + 0.1
    return Cell(Neighbours.from_points(points, len(points) - 1), np.where(known, labels, -1), 3, probabilities)


def test_every_method_is_tried_here() -> None:
    assert sorted(SETTINGS) == registry.names()
    with pytest.raises(UserError, match=r"`guess` is no method; .*bubble, classifier, hybrid"):
        registry.settings_type("guess")


@pytest.mark.parametrize("name", SETTINGS)
def test_clouds_apart_are_labelled_and_permuted_labels_are_not(name: str, three_clouds: Clouds) -> None:
    points, labels = three_clouds
    known = np.arange(len(labels)) % 2 == 0
    right = 1.0 if name == "classifier" else 0.7
    found = said(name, cell_of(points, labels, known, right))[~known].argmax(axis=1)
    assert np.mean(found == labels[~known]) > 0.97
    permuted = np.random.default_rng(0).permutation(labels)
    found = said(name, cell_of(points, permuted, known, right=1 / 3))[~known].argmax(axis=1)
    assert np.mean(found == permuted[~known]) < 0.55


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("k", [1, 500])
def test_any_number_of_neighbours_will_do(name: str, k: int, three_clouds: Clouds) -> None:
    points, labels = three_clouds
    found = said(name, cell_of(points, labels, np.arange(len(labels)) < 60), k)
    assert found.shape == (len(labels), 3)
    assert np.isfinite(found).all()
    assert (found >= 0).all()


@pytest.mark.parametrize("name", ["thesis", "bubble", "knn", "label_spreading"])
def test_without_any_label_nothing_is_said(name: str, three_clouds: Clouds) -> None:
    points, labels = three_clouds
    assert not said(name, cell_of(points, labels, np.zeros(len(labels), dtype=bool))).any()


def test_a_point_alone_in_its_bubble_gets_no_answer() -> None:
    points = np.array([[0.0], [0.1], [0.2], [0.3], [50.0]])
    cell = Cell(Neighbours.from_points(points, 4), np.array([0, -1, 0, -1, -1]), 2)
    answers = said("bubble", cell, k=1)
    assert answers[3].tolist() == [1.0, 0.0]
    assert answers[4].tolist() == [0.0, 0.0]


def test_the_thesis_sums_labelled_neighbours_and_takes_a_softmax() -> None:
    points = np.array([[0.0], [1.0], [2.1], [3.3], [4.6]])
    cell = Cell(Neighbours.from_points(points, 4), np.array([-1, 0, 1, 1, -1]), 2)
    np.testing.assert_allclose(said("thesis", cell, k=3)[0], np.exp([1, 2]) / np.exp([1, 2]).sum())
    assert not said("thesis", Cell(cell.neighbours, np.array([-1, -1, -1, 1, -1]), 2), k=2)[0].any()


def test_a_classifier_votes_with_its_weight_for_those_without_a_label() -> None:
    points = np.array([[0.0], [1.0], [2.1]])
    probabilities = np.array([[0.5, 0.5], [0.2, 0.8], [0.5, 0.5]])
    cell = Cell(Neighbours.from_points(points, 2), np.array([-1, -1, 0]), 2, probabilities)
    counted = np.array([1 + 0.5 * 0.2, 0.5 * 0.8])
    np.testing.assert_allclose(said("thesis_classifier", cell, k=2)[0], np.exp(counted) / np.exp(counted).sum())


def test_knn_agrees_with_scikit_learn(three_clouds: Clouds) -> None:
    points, _ = three_clouds
    labels = np.random.default_rng(2).integers(0, 3, len(points))
    known = np.arange(len(labels)) % 2 == 0
    theirs = KNeighborsClassifier(5).fit(points[known], labels[known]).predict_proba(points[~known])
    ours = said("knn", cell_of(points, labels, known), k=5)[~known]
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_spreading_agrees_with_scikit_learn_on_the_same_graph(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    rng = np.random.default_rng(4)
    points = points + rng.standard_normal(points.shape).astype(np.float32)
    # Equally many of each class are known, so that equal mass a class changes nothing.
    known = np.isin(np.arange(len(labels)), np.concatenate([np.flatnonzero(labels == c)[:10] for c in range(3)]))
    cell = cell_of(points, labels, known)
    graph = cell.neighbours.graph(6).toarray()
    theirs = LabelSpreading(kernel=lambda a, b: graph, alpha=0.8, max_iter=200, tol=1e-9)
    theirs.fit(points, np.where(known, labels, -1))
    ours = said("label_spreading", cell)[~known].argmax(axis=1)
    assert np.mean(ours == theirs.transduction_[~known]) > 0.97


def test_smoothing_mends_a_classifier_that_errs_at_random(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    known = np.arange(len(labels)) % 10 == 0
    cell = cell_of(points, labels, known, right=0.6)
    alone = np.mean(said("classifier", cell)[~known].argmax(axis=1) == labels[~known])
    smooth = np.mean(said("hybrid", cell)[~known].argmax(axis=1) == labels[~known])
    assert alone < 0.75
    assert smooth > alone + 0.15
