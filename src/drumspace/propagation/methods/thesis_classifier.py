"""The thesis's second propagation (table 8.2): a classifier votes for the unlabelled points among the k nearest."""

import numpy as np
from pydantic import Field
from scipy.special import softmax

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell, sum_over_neighbours

NEIGHBOURS = True
CLASSIFIER = True


class Settings(Params):
    """propagate.methods.thesis_classifier."""

    weight: float = Field(ge=0, le=1)
    """Weight of a classifier's vote relative to a label's, which is 1; the thesis does not define it."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """Softmax of the votes, float [n, C]; a point's own probabilities have no vote, as in the thesis."""
    unlabelled = (cell.labels < 0)[:, None]
    weights = np.where(unlabelled, settings.weight * cell.classifier_probs, cell.one_hot)
    counts = sum_over_neighbours(cell.neighbours.index[:, :k], weights)
    return softmax(counts, axis=1) * counts.any(axis=1, keepdims=True)
