"""The KL term of a VAE: KL divergence of posteriors from N(0, I), and its weight over the training."""

from typing import Literal

from pydantic import Field
from torch import Tensor

from drumspace.io.settings import Params


class KlSettings(Params):
    """Weight and form of the KL term."""

    kind: Literal["beta", "cyclic", "free_bits", "capacity"]
    beta: float = Field(ge=0)
    """Weight at the end of the warm-up (Higgins et al. 2017)."""
    warm_up: float = Field(ge=0, le=1)
    """Share of the steps in which the weight rises linearly from 0; with `cyclic`, share of each cycle."""
    cycles: int = Field(ge=1)
    """Number of cycles of `cyclic` (Fu et al. 2019)."""
    free_nats: float = Field(ge=0)
    """Threshold of `free_bits` for each latent dimension, nats (Kingma et al. 2016)."""
    capacity: float = Field(ge=0)
    """Target of `capacity` at the end of the warm-up, nats a sound (Burgess et al. 2018)."""


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log_variance)) || N(0, 1)) of each element, in nats (Kingma and Welling 2014, appendix B)."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def kl_loss(kl: Tensor, settings: KlSettings, progress: float) -> Tensor:
    """KL loss with warm-up. kl: [B, D], nats; progress: share of the training done, in [0, 1] → scalar.

    `beta` and `cyclic`: weight · KL; `free_bits` clamps each dimension's batch-mean KL at `free_nats`;
    `capacity`: beta · |KL - target|, where the target rises instead of the weight.
    """
    in_cycle = progress
    if settings.kind == "cyclic":
        in_cycle = (progress * settings.cycles) % 1 if progress < 1 else 1.0
    rise = min(1.0, in_cycle / settings.warm_up) if settings.warm_up else 1.0
    weight = settings.beta * rise
    if settings.kind == "free_bits":
        # Clamp the batch mean, not each sound: a dimension is free on average.
        return weight * kl.mean(dim=0).clamp(min=settings.free_nats).sum()
    if settings.kind == "capacity":
        return settings.beta * (kl.sum(dim=1).mean() - rise * settings.capacity).abs()
    return weight * kl.sum(dim=1).mean()
