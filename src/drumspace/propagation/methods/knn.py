"""Vote of the k nearest labelled points, at any distance."""

import numpy as np

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell, sum_over_neighbours

NEIGHBOURS = True
CLASSIFIER = False


class Settings(Params):
    """propagate.methods.knn."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """Share of each class among the k nearest labelled points, float [n, C]; the nearest point breaks a tie."""
    index, distance = cell.neighbours.nearest_labelled(cell.labels, k)
    counts = sum_over_neighbours(index, cell.one_hot)
    first = cell.one_hot[index[:, 0]] * (index[:, :1] >= 0)
    return (counts + 1e-3 * first) / np.maximum(np.isfinite(distance).sum(axis=1, keepdims=True), 1)
