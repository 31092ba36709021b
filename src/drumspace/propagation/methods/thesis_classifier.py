"""The thesis's second propagation (table 8.2): a classifier votes for those of the k nearest that have no label."""

import numpy as np
from pydantic import Field
from scipy.special import softmax

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell, votes

NEIGHBOURS = True
CLASSIFIER = True


class Settings(Params):
    """propagate.methods.thesis_classifier."""

    weight: float = Field(ge=0, le=1)
    """Of a classifier's vote, where a true label's is 1: the thesis leaves it open."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """float [n, C]; the point's own probabilities have no vote, as in the thesis."""
    unknown = (cell.labels < 0)[:, None]
    each = np.where(unknown, settings.weight * cell.said, cell.one_hot)
    counted = votes(cell.neighbours.index[:, :k], each)
    return softmax(counted, axis=1) * counted.any(axis=1, keepdims=True)
