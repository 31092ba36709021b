"""The thesis's 'proximity bubble': labelled points within a radius vote, and where there are none, nothing is said."""

import numpy as np
from pydantic import Field

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell

NEIGHBOURS = True
CLASSIFIER = False


class Settings(Params):
    """propagate.methods.bubble."""

    radius: float = Field(gt=0)
    """In medians, over all points, of the distance to the k-th neighbour."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """float [n, C], the share of each class among the labelled points in the bubble; zeros where it holds none."""
    near = cell.neighbours
    k = min(k, near.index.shape[1])
    if not k:
        return np.zeros((len(cell.labels), cell.n_classes))
    radius = settings.radius * float(np.median(near.distance[:, k - 1]))
    counted = np.zeros((len(cell.labels), cell.n_classes))
    for column in range(near.index.shape[1]):
        inside = near.distance[:, column] <= radius
        if not inside.any():
            break
        known = inside & (cell.labels[near.index[:, column]] >= 0)
        np.add.at(counted, (np.flatnonzero(known), cell.labels[near.index[known, column]]), 1)
    return counted / np.maximum(counted.sum(axis=1, keepdims=True), 1)
