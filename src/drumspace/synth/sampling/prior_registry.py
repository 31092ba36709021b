"""From a prior's name to its module: a file in priors/ is a place that latents are drawn from."""

from torch import nn

from drumspace.io.registry import Registry
from drumspace.io.settings import Params

_REGISTRY = Registry("drumspace.synth.priors", "prior", "priors.models")

names, settings_type = _REGISTRY.names, _REGISTRY.settings_type


def build(name: str, settings: Params, size: int, classes: int) -> nn.Module:
    """The prior, not fitted, over points of `size` numbers, of `classes` classes and none."""
    return _REGISTRY.load(name).Prior(settings, size, classes)
