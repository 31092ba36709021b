"""Registry of priors: from a name to the module of that name in drumspace.synth.priors."""

from torch import nn

from drumspace.io.registry import Registry
from drumspace.io.settings import Params

_REGISTRY = Registry("drumspace.synth.priors", "prior", "priors.models")

names, settings_type = _REGISTRY.names, _REGISTRY.settings_type


def build(name: str, settings: Params, size: int, classes: int) -> nn.Module:
    """Build an unfitted prior over `size` dimensions for `classes` classes and for no class."""
    return _REGISTRY.load(name).Prior(settings, size, classes)
