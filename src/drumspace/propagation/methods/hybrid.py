"""The classifier's probabilities smoothed over the neighbour graph; labelled points start from their label.

This is the second half of 'correct and smooth' (Huang et al. 2020).
"""

import numpy as np
from pydantic import Field

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell
from drumspace.propagation.spread import spread

NEIGHBOURS = True
CLASSIFIER = True


class Settings(Params):
    """propagate.methods.hybrid."""

    alpha: float = Field(gt=0, lt=1)
    """Weight of the neighbours; 1 - alpha is the weight of the point's own initial probabilities."""
    rounds: int = Field(ge=1)
    """Iterations."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """Smoothed probabilities, float [n, C]; rows sum to 1."""
    start = np.where((cell.labels < 0)[:, None], cell.classifier_probs, cell.one_hot)
    smoothed = spread(cell.neighbours.graph(k), start, settings.alpha, settings.rounds)
    return smoothed / np.maximum(smoothed.sum(axis=1, keepdims=True), 1e-12)
