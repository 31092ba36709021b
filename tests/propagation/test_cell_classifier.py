import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel

from drumspace.propagation import cell_classifier
from drumspace.propagation.cell_classifier import ClassifierParams, fit, probabilities

PARAMS = ClassifierParams(features=["mel"], segments=2, components=2, ridge=0.1)
Clouds = tuple[np.ndarray, np.ndarray]


def test_clouds_are_told_apart_and_permuted_labels_are_not(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    known = np.arange(len(labels)) % 4 == 0
    said = probabilities(points, np.where(known, labels, -1), 3, PARAMS)
    np.testing.assert_allclose(said.sum(axis=1), 1)
    assert np.mean(said.argmax(axis=1) == labels) == 1
    mixed = np.random.default_rng(0).permutation(labels)
    said = probabilities(points, np.where(known, mixed, -1), 3, PARAMS)
    assert np.mean(said.argmax(axis=1)[~known] == mixed[~known]) < 0.55
    # Where nothing can be learnt, it does not pretend to be sure.
    assert said.max(axis=1).mean() < 0.6


def test_it_is_ridge_regression_with_classes_that_count_alike(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    rows = np.flatnonzero((labels > 0) | (np.arange(len(labels)) < 30))
    kernel = rbf_kernel(points[rows], points[rows], 0.02)
    weights, prior, _ = fit(kernel, labels[rows], 0.3)
    each = (len(rows) / (3 * np.bincount(labels[rows])))[labels[rows]]
    one_hot = np.eye(3)[labels[rows]]
    theirs = KernelRidge(alpha=0.3, kernel="precomputed").fit(kernel, one_hot - prior, sample_weight=each)
    np.testing.assert_allclose(kernel @ weights, theirs.predict(kernel), atol=1e-8)
    np.testing.assert_allclose(prior, 1 / 3)


def test_left_out_scores_are_those_of_a_fit_without_the_clip(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    points, labels = points[:60], labels[:60]
    kernel = rbf_kernel(points, points, 0.05)
    _, prior, left_out = fit(kernel, labels, 0.2)
    each = (60 / (3 * np.bincount(labels)))[labels]
    for row in (0, 17, 59):
        kept = np.arange(60) != row
        system = kernel[np.ix_(kept, kept)] + np.diag(0.2 / each[kept])
        weights = np.linalg.solve(system, np.eye(3)[labels[kept]] - prior)
        np.testing.assert_allclose(left_out[row], kernel[row, kept] @ weights + prior, atol=1e-8)


@pytest.mark.parametrize("classes", [[], [1]])
def test_of_fewer_than_two_classes_nothing_is_learnt(classes: list[int], three_clouds: Clouds) -> None:
    points, labels = three_clouds
    assert not probabilities(points, np.where(np.isin(labels, classes), labels, -1), 3, PARAMS).any()


def test_a_class_without_labels_is_never_named(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    said = probabilities(points, np.where(labels == 1, -1, labels), 3, PARAMS)
    assert (said[:, 1] == 0).all()
    np.testing.assert_allclose(said.sum(axis=1), 1)


def test_one_label_a_class_and_too_many_labels_will_do(three_clouds: Clouds, monkeypatch: pytest.MonkeyPatch) -> None:
    points, labels = three_clouds
    first = np.full(len(labels), -1)
    first[:3] = labels[:3]
    assert np.mean(probabilities(points, first, 3, PARAMS).argmax(axis=1) == labels) > 0.95
    monkeypatch.setattr(cell_classifier, "LARGEST", 30)
    assert np.mean(probabilities(points, labels, 3, PARAMS).argmax(axis=1) == labels) == 1
    # A class of two among many is not drawn away.
    few = np.where(labels == 2, np.where(np.arange(len(labels)) < 6, 2, -1), labels)
    assert np.mean(probabilities(points, few, 3, PARAMS).argmax(axis=1) == labels) > 0.95
