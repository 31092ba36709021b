"""From a model's name to its module: nothing is imported until a model is asked for."""

from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from drumspace.io.registry import Registry
from drumspace.io.settings import Params

_REGISTRY = Registry("drumspace.classify.models", "model", "classify.run")

module, names, settings_type = _REGISTRY.module, _REGISTRY.names, _REGISTRY.settings_type


@runtime_checkable
class FittedAtOnce(Protocol):
    """A head that is not trained by gradient: it is fitted to all training clips in one call."""

    def fit(self, features: Tensor, labels: Tensor) -> None:
        """Fit to the trunk's embeddings, float [n, features], and class indices int64 [n]."""


def build(name: str, settings: Params, sample_rate: int, num_samples: int, n_classes: int) -> nn.Module:
    """A model, untrained: its forward maps float [B, num_samples] in [-1, 1] to logits [B, n_classes]."""
    return _REGISTRY.load(name).build(settings, sample_rate, num_samples, n_classes)
