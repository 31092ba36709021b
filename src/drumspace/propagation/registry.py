"""Registry of propagation methods: each file in methods/ is a method, named after the file."""

import numpy as np

from drumspace.io.registry import Registry
from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell

_REGISTRY = Registry("drumspace.propagation.methods", "method", "propagate.methods")

names, settings_type = _REGISTRY.names, _REGISTRY.settings_type


def uses_neighbours(name: str) -> bool:
    """Whether the method uses neighbours; one that does not gives the same predictions for every space and k."""
    return _REGISTRY.load(name).NEIGHBOURS


def uses_classifier(name: str) -> bool:
    """Whether the method uses a classifier trained on the cell's labelled points."""
    return _REGISTRY.load(name).CLASSIFIER


def scores(name: str, cell: Cell, k: int, settings: Params) -> np.ndarray:
    """Scores of all points, float [n, C]: higher is likelier, a row of zeros abstains. k: number of neighbours."""
    return _REGISTRY.load(name).scores(cell, k, settings)
