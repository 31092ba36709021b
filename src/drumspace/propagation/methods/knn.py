"""The k nearest labelled points vote, however far they are."""

import numpy as np

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell, votes

NEIGHBOURS = True
CLASSIFIER = False


class Settings(Params):
    """propagate.methods.knn."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """float [n, C], the share of each class among them; a near one breaks a tie."""
    index, distance = cell.neighbours.nearest_labelled(cell.labels, k)
    counted = votes(index, cell.one_hot)
    first = cell.one_hot[index[:, 0]] * (index[:, :1] >= 0)
    return (counted + 1e-3 * first) / np.maximum(np.isfinite(distance).sum(axis=1, keepdims=True), 1)
