"""From a prior's name to its module: a file in priors/ is a place that latents are drawn from."""

from importlib import import_module
from pathlib import Path
from typing import Any

from torch import nn

from drumspace.errors import UserError
from drumspace.params import Params

FOLDER = Path(__file__).parent / "priors"


def names() -> list[str]:
    """Every prior's name, sorted."""
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py"))


def _module(name: str) -> Any:
    if name not in names():
        raise UserError(f"params.yaml: `{name}` is no prior; there are {', '.join(names())}.")
    return import_module(f"drumspace.synth.priors.{name}")


def settings_type(name: str) -> type[Params]:
    """The prior's Settings. Raises UserError for an unknown name."""
    return _module(name).Settings


def build(name: str, settings: Params, size: int, classes: int) -> nn.Module:
    """The prior, not fitted, over points of `size` numbers, of `classes` classes and none."""
    return _module(name).Prior(settings, size, classes)
