"""The thesis's 'proximity bubble': vote of the labelled points within a radius; without any, the method abstains."""

import numpy as np
from pydantic import Field

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell

NEIGHBOURS = True
CLASSIFIER = False


class Settings(Params):
    """propagate.methods.bubble."""

    radius: float = Field(gt=0)
    """Radius in units of the median distance to the k-th neighbour."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """Share of each class among the labelled points in the bubble, float [n, C]; zeros for a bubble without any."""
    near = cell.neighbours
    k = min(k, near.index.shape[1])
    if not k:
        return np.zeros((len(cell.labels), cell.n_classes))
    radius = settings.radius * float(np.median(near.distance[:, k - 1]))
    counts = np.zeros((len(cell.labels), cell.n_classes))
    for column in range(near.index.shape[1]):
        inside = near.distance[:, column] <= radius
        if not inside.any():
            break
        labelled = inside & (cell.labels[near.index[:, column]] >= 0)
        np.add.at(counts, (np.flatnonzero(labelled), cell.labels[near.index[labelled, column]]), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
