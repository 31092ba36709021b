"""Registry of classifiers: finds a model's module by its name and imports it on first use."""

from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from drumspace.io.registry import Registry
from drumspace.io.settings import Params

_REGISTRY = Registry("drumspace.classify.models", "model", "classify.run")

module, names, settings_type = _REGISTRY.module, _REGISTRY.names, _REGISTRY.settings_type


@runtime_checkable
class FittedAtOnce(Protocol):
    """Interface of a head that is fitted to all training clips in one call, without gradients."""

    def fit(self, features: Tensor, labels: Tensor) -> None:
        """Fit to the trunk's embeddings, float [n, features], and class indices int64 [n], -1 for none of the classes.

        With clips of no class, the last output is the one of rejection.
        """


def build(name: str, settings: Params, sample_rate: int, num_samples: int, n_outputs: int) -> nn.Module:
    """Build an untrained model; its forward maps float [B, num_samples] in [-1, 1] to logits [B, n_outputs].

    Outputs: one a class and, for a model that learns to reject what is of no class, one of rejection.
    """
    return _REGISTRY.load(name).build(settings, sample_rate, num_samples, n_outputs)
