"""A set of discriminators by name; each file in discriminators/ is one."""

from typing import Any

import torch
from torch import Tensor, nn

from drumspace.errors import UserError
from drumspace.io.registry import Registry
from drumspace.synth.models.discriminator.output import DiscriminatorOutput

_REGISTRY = Registry("drumspace.synth.discriminators", "discriminator", "vaegan.models.<name>.discriminators")

module, names, settings_type = _REGISTRY.module, _REGISTRY.names, _REGISTRY.settings_type


class DiscriminatorSet(nn.Module):
    """Waves [B, T] and class weights [B, classes + 1] → the outputs of all discriminators, ordered by name."""

    zeros: Tensor
    """int [members]: consecutive updates with zero loss; a buffer, so that a resumed training goes on counting."""

    def __init__(self, settings: dict[str, dict[str, Any]], samples: int, sample_rate: int, classes: int = 0) -> None:
        """settings: by name; waves have `samples` at `sample_rate` (Hz); classes: of the class heads, 0 for none.

        Raises UserError for an unknown name, or waves that are too short.
        """
        super().__init__()
        if not settings:
            raise UserError("params.yaml: no discriminator is named: adversarial training needs at least one.")
        self.members = nn.ModuleDict(
            {
                name: _REGISTRY.load(name).build(
                    settings_type(name).model_validate(values), samples, sample_rate, classes
                )
                for name, values in sorted(settings.items())
            }
        )
        self.register_buffer("zeros", torch.zeros(len(self.members), dtype=torch.long))

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        """Outputs of all discriminators."""
        return [output for outputs in self.by_name(wave, classes).values() for output in outputs]

    def by_name(self, wave: Tensor, classes: Tensor | None = None) -> dict[str, list[DiscriminatorOutput]]:
        """Outputs of each discriminator."""
        return {name: member(wave, classes) for name, member in self.members.items()}
