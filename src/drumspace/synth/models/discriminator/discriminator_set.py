"""Discriminators by name, any set of them together: a file in discriminators/ is one."""

from typing import Any

import torch
from torch import Tensor, nn

from drumspace.errors import UserError
from drumspace.io.registry import Registry
from drumspace.synth.models.discriminator.output import DiscriminatorOutput

_REGISTRY = Registry("drumspace.synth.discriminators", "discriminator", "vaegan.models.<name>.discriminators")

module, names, settings_type = _REGISTRY.module, _REGISTRY.names, _REGISTRY.settings_type


class DiscriminatorSet(nn.Module):
    """Waves [B, T] and weights of classes [B, classes + 1] → the Opinions of all, in the order of their names."""

    zeros: Tensor
    """Updates without a loss of each member, one after another; kept with the weights, so that a training counts on."""

    def __init__(self, settings: dict[str, dict[str, Any]], samples: int, sample_rate: int, classes: int = 0) -> None:
        """Settings by name; waves have `samples` at `sample_rate` (Hz); `classes`: of the heads, 0 for none.

        Raises UserError for an unknown name, or waves that are too short.
        """
        super().__init__()
        if not settings:
            raise UserError("params.yaml: no discriminator is named: adversarial training needs one at least.")
        self.members = nn.ModuleDict(
            {
                name: _REGISTRY.load(name).build(settings_type(name).model_validate(own), samples, sample_rate, classes)
                for name, own in sorted(settings.items())
            }
        )
        self.register_buffer("zeros", torch.zeros(len(self.members), dtype=torch.long))

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        """See the class."""
        return [opinion for of in self.by_name(wave, classes).values() for opinion in of]

    def by_name(self, wave: Tensor, classes: Tensor | None = None) -> dict[str, list[DiscriminatorOutput]]:
        """The same, each discriminator's own."""
        return {name: member(wave, classes) for name, member in self.members.items()}
