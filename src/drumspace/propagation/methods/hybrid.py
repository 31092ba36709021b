"""The classifier's probabilities, smoothed over the neighbour graph; a known point starts from its label.

After 'correct and smooth' (Huang et al. 2020), its second half.
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
    """How much a point takes from its neighbours; the rest is what the classifier says of it."""
    rounds: int = Field(ge=1)


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """float [n, C], rows that sum to 1."""
    start = np.where((cell.labels < 0)[:, None], cell.said, cell.one_hot)
    settled = spread(cell.neighbours.graph(k), start, settings.alpha, settings.rounds)
    return settled / np.maximum(settled.sum(axis=1, keepdims=True), 1e-12)
