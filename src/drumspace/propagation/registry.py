"""From a method's name to its module: a file in methods/ is a method."""

import numpy as np

from drumspace.io.registry import Registry
from drumspace.io.settings import Params
from drumspace.propagation.cell import Cell

_REGISTRY = Registry("drumspace.propagation.methods", "method", "propagate.methods")

names, settings_type = _REGISTRY.names, _REGISTRY.settings_type


def uses_neighbours(name: str) -> bool:
    """Whether the method looks at neighbours: one that does not has one answer for every space and k."""
    return _REGISTRY.load(name).NEIGHBOURS


def uses_classifier(name: str) -> bool:
    """Whether the method asks a classifier trained on the cell's labelled points."""
    return _REGISTRY.load(name).CLASSIFIER


def scores(name: str, cell: Cell, k: int, settings: Params) -> np.ndarray:
    """float [n, C] of every point: higher is likelier, a row of zeros abstains. k: how many neighbours count."""
    return _REGISTRY.load(name).scores(cell, k, settings)
