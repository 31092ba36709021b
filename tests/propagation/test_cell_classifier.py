"""Kernel ridge regression: its formula, leave-one-out scores and training sets at the limits."""

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel

from drumspace.propagation import cell_classifier
from drumspace.propagation.cell_classifier import ClassifierParams, fit, predict_probabilities

PARAMS = ClassifierParams(features=["mel"], segments=2, components=2, ridge=0.1)
Clouds = tuple[np.ndarray, np.ndarray]


def test_clouds_are_classified_and_permuted_labels_are_not(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    labelled = np.arange(len(labels)) % 4 == 0
    probs = predict_probabilities(points, np.where(labelled, labels, -1), 3, PARAMS)
    np.testing.assert_allclose(probs.sum(axis=1), 1)
    assert np.mean(probs.argmax(axis=1) == labels) == 1
    mixed = np.random.default_rng(0).permutation(labels)
    probs = predict_probabilities(points, np.where(labelled, mixed, -1), 3, PARAMS)
    assert np.mean(probs.argmax(axis=1)[~labelled] == mixed[~labelled]) < 0.55
    # The confidence stays low on labels that the points do not determine.
    assert probs.max(axis=1).mean() < 0.6


def test_it_is_ridge_regression_with_equal_class_weights(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    rows = np.flatnonzero((labels > 0) | (np.arange(len(labels)) < 30))
    kernel = rbf_kernel(points[rows], points[rows], 0.02)
    weights, prior, _ = fit(kernel, labels[rows], 0.3)
    clip_weights = (len(rows) / (3 * np.bincount(labels[rows])))[labels[rows]]
    one_hot = np.eye(3)[labels[rows]]
    expected = KernelRidge(alpha=0.3, kernel="precomputed").fit(kernel, one_hot - prior, sample_weight=clip_weights)
    np.testing.assert_allclose(kernel @ weights, expected.predict(kernel), atol=1e-8)
    np.testing.assert_allclose(prior, 1 / 3)


def test_left_out_scores_are_those_of_a_fit_without_the_clip(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    points, labels = points[:60], labels[:60]
    kernel = rbf_kernel(points, points, 0.05)
    _, prior, left_out = fit(kernel, labels, 0.2)
    clip_weights = (60 / (3 * np.bincount(labels)))[labels]
    for row in (0, 17, 59):
        others = np.arange(60) != row
        system = kernel[np.ix_(others, others)] + np.diag(0.2 / clip_weights[others])
        weights = np.linalg.solve(system, np.eye(3)[labels[others]] - prior)
        np.testing.assert_allclose(left_out[row], kernel[row, others] @ weights + prior, atol=1e-8)


@pytest.mark.parametrize("classes", [[], [1]])
def test_with_fewer_than_two_classes_probabilities_are_zero(classes: list[int], three_clouds: Clouds) -> None:
    points, labels = three_clouds
    assert not predict_probabilities(points, np.where(np.isin(labels, classes), labels, -1), 3, PARAMS).any()


def test_a_class_without_labels_has_probability_zero(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    probs = predict_probabilities(points, np.where(labels == 1, -1, labels), 3, PARAMS)
    assert (probs[:, 1] == 0).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1)


def test_one_label_per_class_and_a_reduced_training_set_suffice(
    three_clouds: Clouds, monkeypatch: pytest.MonkeyPatch
) -> None:
    points, labels = three_clouds
    first = np.full(len(labels), -1)
    first[:3] = labels[:3]
    assert np.mean(predict_probabilities(points, first, 3, PARAMS).argmax(axis=1) == labels) > 0.95
    monkeypatch.setattr(cell_classifier, "MAX_TRAINING_CLIPS", 30)
    assert np.mean(predict_probabilities(points, labels, 3, PARAMS).argmax(axis=1) == labels) == 1
    # A class of two clips survives the reduction of the training set.
    few = np.where(labels == 2, np.where(np.arange(len(labels)) < 6, 2, -1), labels)
    assert np.mean(predict_probabilities(points, few, 3, PARAMS).argmax(axis=1) == labels) > 0.95
