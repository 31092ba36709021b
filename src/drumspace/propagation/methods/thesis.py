"""The thesis's propagation (section 8.6): vote of the labelled points among the k nearest, then a softmax."""

import numpy as np
from scipy.special import softmax

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell, sum_over_neighbours

NEIGHBOURS = True
CLASSIFIER = False


class Settings(Params):
    """propagate.methods.thesis."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """Softmax of the votes, float [n, C]; zeros without a labelled neighbour, which the thesis does not define."""
    counts = sum_over_neighbours(cell.neighbours.index[:, :k], cell.one_hot)
    return softmax(counts, axis=1) * counts.any(axis=1, keepdims=True)
