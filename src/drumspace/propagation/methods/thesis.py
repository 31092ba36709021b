"""The thesis's propagation (section 8.6): of the k nearest points the labelled ones vote; then a softmax."""

import numpy as np
from scipy.special import softmax

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell, votes

NEIGHBOURS = True
CLASSIFIER = False


class Settings(Params):
    """propagate.methods.thesis."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """float [n, C]; zeros where no neighbour is labelled, which the thesis leaves open."""
    counted = votes(cell.neighbours.index[:, :k], cell.one_hot)
    return softmax(counted, axis=1) * counted.any(axis=1, keepdims=True)
