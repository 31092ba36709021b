"""The standard normal distribution N(0, I), towards which the KL term of the training loss pulls the posteriors."""

import torch
from torch import Tensor, nn

from drumspace.io.settings import Params


class Settings(Params):
    """Settings of the standard normal prior: it has none."""


class Prior(nn.Module):
    """Standard normal prior, the same for every class."""

    def __init__(self, settings: Settings, latent: int, classes: int) -> None:
        """Prior of `latent` dimensions; `classes` is ignored."""
        super().__init__()
        self.latent = latent

    def fit(self, latents: Tensor, classes: Tensor, seed: int) -> None:
        """Do nothing: the distribution has no parameters."""

    def sample(self, index: int, count: int, generator: torch.Generator) -> Tensor:
        """Draw `count` latents [count, latent]; the class `index` is ignored."""
        return torch.randn(count, self.latent, generator=generator)
