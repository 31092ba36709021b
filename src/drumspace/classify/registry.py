"""From a model's name to its module: nothing is imported until a model is asked for."""

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn

from drumspace.errors import UserError
from drumspace.params import Params

FOLDER = Path(__file__).parent / "models"
"""A file there is a model: its Settings and its build."""


def names() -> list[str]:
    """Every model's name, sorted."""
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py"))


@runtime_checkable
class FittedAtOnce(Protocol):
    """A head that is not trained by gradient: it is fitted to all training clips in one call."""

    def fit(self, features: Tensor, labels: Tensor) -> None:
        """Fit to the trunk's embeddings, float [n, features], and class indices int64 [n]."""


def _module(name: str) -> Any:
    if name not in names():
        raise UserError(f"params.yaml: `{name}` is no model; classify.run can name {', '.join(names())}.")
    return import_module(f"drumspace.classify.models.{name}")


def settings_type(name: str) -> type[Params]:
    """The model's Settings: the form of classify.models.<name>. Raises UserError for an unknown name."""
    return _module(name).Settings


def build(name: str, settings: Params, sample_rate: int, num_samples: int, n_classes: int) -> nn.Module:
    """A model, untrained: its forward maps float [B, num_samples] in [-1, 1] to logits [B, n_classes]."""
    return _module(name).build(settings, sample_rate, num_samples, n_classes)
