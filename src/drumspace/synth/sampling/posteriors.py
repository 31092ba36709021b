"""Posteriors of many sounds, for what looks at all of them."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from drumspace.synth.losses.kl import kl_divergence


@dataclass(frozen=True)
class Posteriors:
    """Posteriors of n sounds, as flat vectors: of latents a frame, one frame after the other is a part of it."""

    mean: Tensor
    """[n, size]."""
    log_variance: Tensor

    def kl(self) -> Tensor:
        """KL(q ‖ N(0, 1)) of each number of each sound: [n, size] (nats)."""
        return kl_divergence(self.mean, self.log_variance)

    def nats(self) -> np.ndarray:
        """Its mean over sounds: [size]."""
        return self.kl().mean(dim=0).numpy()

    def sample(self, draws: int, generator: torch.Generator) -> Tensor:
        """`draws` from each posterior: [n · draws, size], all first draws first."""
        spread = (0.5 * self.log_variance).exp()
        return torch.cat([self.mean + spread * torch.randn(spread.shape, generator=generator) for _ in range(draws)])
