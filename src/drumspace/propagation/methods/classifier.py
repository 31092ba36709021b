"""The classifier alone, without neighbours."""

import numpy as np

from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell

NEIGHBOURS = False
CLASSIFIER = True


class Settings(Params):
    """propagate.methods.classifier."""


def scores(cell: Cell, k: int, settings: Settings) -> np.ndarray:
    """The classifier's probabilities, float [n, C]."""
    return cell.classifier_probs
