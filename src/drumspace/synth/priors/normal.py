"""N(0, I): what the divergence pulls posteriors to, and where none of them may lie."""

import torch
from torch import Tensor, nn

from drumspace.io.settings import Params


class Settings(Params):
    """Nothing to set."""


class Prior(nn.Module):
    """Draws from N(0, I)."""

    def __init__(self, settings: Settings, latent: int, classes: int) -> None:
        """`latent` numbers; the class changes nothing."""
        super().__init__()
        self.latent = latent

    def fit(self, latents: Tensor, classes: Tensor, seed: int) -> None:
        """Nothing to fit."""

    def sample(self, index: int, count: int, generator: torch.Generator) -> Tensor:
        """[count, latent]."""
        return torch.randn(count, self.latent, generator=generator)
