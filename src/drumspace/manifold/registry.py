"""From a method's name to its module: a file in methods/ is a method."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from drumspace.errors import UserError
from drumspace.manifold.cell import Cell
from drumspace.params import Params

FOLDER = Path(__file__).parent / "methods"


def names() -> list[str]:
    """Every method's name, sorted."""
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py"))


def _module(name: str) -> Any:
    if name not in names():
        raise UserError(f"params.yaml: `{name}` is no method; propagate.methods can name {', '.join(names())}.")
    return import_module(f"drumspace.manifold.methods.{name}")


def settings_type(name: str) -> type[Params]:
    """The method's Settings: the form of propagate.methods.<name>. Raises UserError for an unknown name."""
    return _module(name).Settings


def uses_neighbours(name: str) -> bool:
    """Whether the method looks at neighbours: one that does not has one answer for every space and k."""
    return _module(name).NEIGHBOURS


def uses_classifier(name: str) -> bool:
    """Whether the method asks a classifier trained on the cell's labelled points."""
    return _module(name).CLASSIFIER


def scores(name: str, cell: Cell, k: int, settings: Params) -> np.ndarray:
    """float [n, C] of every point: higher is likelier, a row of zeros abstains. k: how many neighbours count."""
    return _module(name).scores(cell, k, settings)
