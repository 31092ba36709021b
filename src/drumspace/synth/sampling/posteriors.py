"""Posteriors of many clips as flat arrays, for statistics over a data set."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from drumspace.errors import NotMeasured
from drumspace.synth.losses.kl import kl_divergence


@dataclass(frozen=True)
class Posteriors:
    """Gaussian posteriors of n clips. Latents that have one vector per frame are flattened to one vector."""

    mean: Tensor
    """[n, size]."""
    log_variance: Tensor
    """[n, size]."""

    def kl(self) -> Tensor:
        """KL(q ‖ N(0, 1)) of each dimension of each clip: [n, size] (nats)."""
        return kl_divergence(self.mean, self.log_variance)

    def mean_kl(self) -> np.ndarray:
        """Mean KL of each dimension over the clips: [size] (nats). Raises NotMeasured for no clips."""
        if not len(self.mean):
            raise NotMeasured("no sound was encoded")
        return self.kl().mean(dim=0).numpy()

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw `count` latents from each posterior: [count · n, size], in `count` passes over the clips."""
        spread = (0.5 * self.log_variance).exp()
        return torch.cat([self.mean + spread * torch.randn(spread.shape, generator=generator) for _ in range(count)])
