"""Propagation methods: properties that all have, and the formula of each."""

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


def predict(name: str, cell: Cell, k: int = 6) -> np.ndarray:
    return registry.scores(name, cell, k, registry.settings_type(name).model_validate(SETTINGS[name]))


def cell_of(points: np.ndarray, labels: np.ndarray, labelled: np.ndarray, accuracy: float = 0.7) -> Cell:
    """A cell whose classifier has this accuracy, with errors at random."""
    rng = np.random.default_rng(3)
    predicted = np.where(rng.random(len(labels)) < accuracy, labels, (labels + 1) % 3)
    probabilities = np.eye(3)[predicted] * 0.7 + 0.1
    return Cell(Neighbours.from_points(points, len(points) - 1), np.where(labelled, labels, -1), 3, probabilities)


def test_settings_above_cover_every_method() -> None:
    assert sorted(SETTINGS) == registry.names()
    with pytest.raises(UserError, match=r"`guess` is no method; .*bubble, classifier, hybrid"):
        registry.settings_type("guess")


@pytest.mark.parametrize("name", SETTINGS)
def test_separate_clouds_are_labelled_and_permuted_labels_are_not_predicted(name: str, three_clouds: Clouds) -> None:
    points, labels = three_clouds
    labelled = np.arange(len(labels)) % 2 == 0
    accuracy = 1.0 if name == "classifier" else 0.7
    predicted = predict(name, cell_of(points, labels, labelled, accuracy))[~labelled].argmax(axis=1)
    assert np.mean(predicted == labels[~labelled]) > 0.97
    permuted = np.random.default_rng(0).permutation(labels)
    predicted = predict(name, cell_of(points, permuted, labelled, accuracy=1 / 3))[~labelled].argmax(axis=1)
    assert np.mean(predicted == permuted[~labelled]) < 0.55


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("k", [1, 500])
def test_any_number_of_neighbours_is_valid(name: str, k: int, three_clouds: Clouds) -> None:
    points, labels = three_clouds
    predicted = predict(name, cell_of(points, labels, np.arange(len(labels)) < 60), k)
    assert predicted.shape == (len(labels), 3)
    assert np.isfinite(predicted).all()
    assert (predicted >= 0).all()


@pytest.mark.parametrize("name", ["thesis", "bubble", "knn", "label_spreading"])
def test_without_labels_the_method_abstains(name: str, three_clouds: Clouds) -> None:
    points, labels = three_clouds
    assert not predict(name, cell_of(points, labels, np.zeros(len(labels), dtype=bool))).any()


def test_an_empty_bubble_abstains() -> None:
    points = np.array([[0.0], [0.1], [0.2], [0.3], [50.0]])
    cell = Cell(Neighbours.from_points(points, 4), np.array([0, -1, 0, -1, -1]), 2)
    probs = predict("bubble", cell, k=1)
    assert probs[3].tolist() == [1.0, 0.0]
    assert probs[4].tolist() == [0.0, 0.0]


def test_the_thesis_sums_labelled_neighbours_and_takes_a_softmax() -> None:
    points = np.array([[0.0], [1.0], [2.1], [3.3], [4.6]])
    cell = Cell(Neighbours.from_points(points, 4), np.array([-1, 0, 1, 1, -1]), 2)
    np.testing.assert_allclose(predict("thesis", cell, k=3)[0], np.exp([1, 2]) / np.exp([1, 2]).sum())
    assert not predict("thesis", Cell(cell.neighbours, np.array([-1, -1, -1, 1, -1]), 2), k=2)[0].any()


def test_the_classifier_votes_with_its_weight_for_unlabelled_neighbours() -> None:
    points = np.array([[0.0], [1.0], [2.1]])
    probabilities = np.array([[0.5, 0.5], [0.2, 0.8], [0.5, 0.5]])
    cell = Cell(Neighbours.from_points(points, 2), np.array([-1, -1, 0]), 2, probabilities)
    counts = np.array([1 + 0.5 * 0.2, 0.5 * 0.8])
    np.testing.assert_allclose(predict("thesis_classifier", cell, k=2)[0], np.exp(counts) / np.exp(counts).sum())


def test_knn_agrees_with_scikit_learn(three_clouds: Clouds) -> None:
    points, _ = three_clouds
    labels = np.random.default_rng(2).integers(0, 3, len(points))
    labelled = np.arange(len(labels)) % 2 == 0
    expected = KNeighborsClassifier(5).fit(points[labelled], labels[labelled]).predict_proba(points[~labelled])
    predicted = predict("knn", cell_of(points, labels, labelled), k=5)[~labelled]
    np.testing.assert_allclose(predicted, expected, atol=1e-3)


def test_spreading_agrees_with_scikit_learn_on_the_same_graph(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    rng = np.random.default_rng(4)
    points = points + rng.standard_normal(points.shape).astype(np.float32)
    # Each class has the same number of labels, so that equal mass per class changes nothing.
    labelled = np.isin(np.arange(len(labels)), np.concatenate([np.flatnonzero(labels == c)[:10] for c in range(3)]))
    cell = cell_of(points, labels, labelled)
    graph = cell.neighbours.graph(6).toarray()
    expected = LabelSpreading(kernel=lambda a, b: graph, alpha=0.8, max_iter=200, tol=1e-9)
    expected.fit(points, np.where(labelled, labels, -1))
    predicted = predict("label_spreading", cell)[~labelled].argmax(axis=1)
    assert np.mean(predicted == expected.transduction_[~labelled]) > 0.97


def test_smoothing_corrects_random_errors_of_a_classifier(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    labelled = np.arange(len(labels)) % 10 == 0
    cell = cell_of(points, labels, labelled, accuracy=0.6)
    classifier_accuracy = np.mean(predict("classifier", cell)[~labelled].argmax(axis=1) == labels[~labelled])
    hybrid_accuracy = np.mean(predict("hybrid", cell)[~labelled].argmax(axis=1) == labels[~labelled])
    assert classifier_accuracy < 0.75
    assert hybrid_accuracy > classifier_accuracy + 0.15
