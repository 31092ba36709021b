"""Class probabilities of all clips by label propagation with the settings of `propagate.labels`."""

from dataclasses import dataclass

import numpy as np

from drumspace.io.settings import Params
from drumspace.maps.neighbours import Neighbours
from drumspace.propagation import registry
from drumspace.propagation.cell import Cell
from drumspace.propagation.cell_classifier import ClassifierParams, predict_probabilities
from drumspace.propagation.settings import PropagateParams


@dataclass(frozen=True)
class Propagation:
    """Predicts the labels of unlabelled clips from labelled ones. The last class index, n_classes, is `other`."""

    points: np.ndarray
    """float [n, d]."""
    neighbours: Neighbours
    n_classes: int
    """Number of classes without `other`."""
    methods: dict[str, Params]
    """Settings of each method that predicts."""
    k: int
    classifier: ClassifierParams
    groups: np.ndarray
    """int [n]: groups of near-duplicates, which get the same prediction."""

    def predict(self, labels: np.ndarray) -> dict[str, np.ndarray]:
        """Class probabilities by each method, float [n, n_classes + 1]; labels: int [n], -1 for unlabelled.

        Rows of zeros abstain. The methods share one classifier, which takes most of the time.
        """
        probs = None
        if any(map(registry.uses_classifier, self.methods)):
            probs = predict_probabilities(self.points, labels, self.n_classes + 1, self.classifier)
        cell = Cell(self.neighbours, labels, self.n_classes + 1, probs)
        predictions = {}
        for name, settings in self.methods.items():
            scores = registry.scores(name, cell, self.k, settings)
            scores = scores / np.maximum(scores.sum(axis=1, keepdims=True), 1e-12)
            predictions[name] = average_in_groups(scores, self.groups, labels < 0)
        return predictions


def build_propagation(
    points: np.ndarray, groups: np.ndarray, n_classes: int, params: PropagateParams, methods: list[str]
) -> Propagation:
    """Propagation over points [n, d] by these methods, k from `params.labels`; groups: near-duplicates, int [n]."""
    neighbours = Neighbours.from_points(points, max(64, params.labels.k))
    return Propagation(
        points, neighbours, n_classes, params.settings(methods), params.labels.k, params.classifier, groups
    )


def average_in_groups(scores: np.ndarray, groups: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Scores [n, C] in which each row of `mask` (bool [n]) is the mean over the rows of `mask` in its group."""
    _, group_index = np.unique(groups, return_inverse=True)
    sums = np.zeros((int(group_index.max(initial=-1)) + 1, scores.shape[1]))
    np.add.at(sums, group_index[mask], scores[mask])
    sizes = np.bincount(group_index[mask], minlength=len(sums))
    means = sums / np.maximum(sizes, 1)[:, None]
    return np.where(mask[:, None], means[group_index], scores)
