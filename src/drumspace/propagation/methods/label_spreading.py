"""Label spreading over the neighbour graph (Zhou et al. 2004): what is known flows along it until it settles."""

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
    """How much a point takes from its neighbours; the rest is what it had."""
    rounds: int = Field(ge=1)


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """float [n, C]; zeros where no labelled point is within reach. Scarce classes count as much as common ones."""
    known = cell.one_hot
    # Each class starts with the same mass, so that a common class does not drown a scarce one.
    start = known / np.maximum(known.sum(axis=0), 1)
    settled = spread(cell.neighbours.graph(k), start, settings.alpha, settings.rounds)
    return settled / np.maximum(settled.sum(axis=1, keepdims=True), 1e-12)
