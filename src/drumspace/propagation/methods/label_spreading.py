"""Label spreading over the neighbour graph (Zhou et al. 2004)."""

import numpy as np
from pydantic import Field

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell
from drumspace.propagation.spread import spread

NEIGHBOURS = True
CLASSIFIER = False


class Settings(Params):
    """propagate.methods.label_spreading."""

    alpha: float = Field(gt=0, lt=1)
    """Weight of the neighbours; 1 - alpha is the weight of the point's own label."""
    rounds: int = Field(ge=1)
    """Iterations."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """Normalised label mass, float [n, C]; zeros without a path to a labelled point. All classes have equal mass."""
    one_hot = cell.one_hot
    # Each class starts with the same total mass, so that frequent classes do not dominate rare ones.
    start = one_hot / np.maximum(one_hot.sum(axis=0), 1)
    mass = spread(cell.neighbours.graph(k), start, settings.alpha, settings.rounds)
    return mass / np.maximum(mass.sum(axis=1, keepdims=True), 1e-12)
