"""Input of a propagation method: the points of one space and the labels of some of them."""

from dataclasses import dataclass

import numpy as np

from drumspace.maps.neighbours import Neighbours


@dataclass(frozen=True)
class Cell:
    """Points of one space, some of them labelled. It contains no label that is held out, in any form."""

    neighbours: Neighbours
    labels: np.ndarray
    """int [n]: class indices, -1 for unlabelled points."""
    n_classes: int
    probabilities: np.ndarray | None = None
    """float [n, n_classes]: predictions of a classifier that was trained on the labelled points of this cell alone."""

    @property
    def one_hot(self) -> np.ndarray:
        """float [n, n_classes]: 1 at a labelled point's class, zeros for unlabelled points."""
        return (self.labels[:, None] == np.arange(self.n_classes)).astype(np.float64)

    @property
    def classifier_probs(self) -> np.ndarray:
        """The classifier's probabilities, float [n, n_classes]. Raises ValueError for a cell without them."""
        if self.probabilities is None:
            raise ValueError("the method uses a classifier, but the cell has no classifier probabilities")
        return self.probabilities


def sum_over_neighbours(index: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sums of `values` [n, C] over neighbours: index [n, k], -1 for no neighbour → [n, C]."""
    terms = values[index]
    terms[index < 0] = 0
    return terms.sum(axis=1)
