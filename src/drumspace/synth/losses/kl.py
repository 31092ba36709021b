"""The KL term of a VAE: KL divergence of posteriors from N(0, I), and its weight over the training."""

from typing import Annotated, Literal

from pydantic import Field
from torch import Tensor

from drumspace.io.settings import Params


class BetaKl(Params):
    """Weighted KL with a linear warm-up of the weight."""

    kind: Literal["beta"]
    beta: float = Field(ge=0)
    """Weight at the end of the warm-up (Higgins et al. 2017)."""
    warm_up: float = Field(ge=0, le=1)
    """Share of the steps in which the weight rises linearly from 0; with `cyclic`, share of each cycle."""


class CyclicKl(BetaKl):
    """Weighted KL with a warm-up that repeats (Fu et al. 2019)."""

    kind: Literal["cyclic"]  # type: ignore[assignment]
    cycles: int = Field(ge=1)
    """Number of warm-ups."""


class FreeBitsKl(BetaKl):
    """Weighted KL in which a part of each dimension's KL costs nothing (Kingma et al. 2016)."""

    kind: Literal["free_bits"]  # type: ignore[assignment]
    free_nats: float = Field(ge=0)
    """KL per latent dimension that costs nothing, nats."""


class CapacityKl(BetaKl):
    """Distance of the KL from a target that rises during the warm-up (Burgess et al. 2018)."""

    kind: Literal["capacity"]  # type: ignore[assignment]
    capacity: float = Field(ge=0)
    """Target at the end of the warm-up, nats a sound."""


KlSettings = Annotated[BetaKl | CyclicKl | FreeBitsKl | CapacityKl, Field(discriminator="kind")]
"""Form and weight of the KL term: the settings of the form that `kind` names."""


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log_variance)) || N(0, 1)) of each element, in nats (Kingma and Welling 2014, appendix B)."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def kl_loss(kl: Tensor, settings: BetaKl, progress: float) -> Tensor:
    """KL loss with warm-up. kl: [B, D], nats; progress: share of the training done, in [0, 1] → scalar.

    `beta` and `cyclic`: weight · KL; `free_bits` clamps each dimension's batch-mean KL at `free_nats`;
    `capacity`: beta · |KL - target|, where the target rises instead of the weight.
    """
    in_cycle = progress
    if isinstance(settings, CyclicKl):
        in_cycle = (progress * settings.cycles) % 1 if progress < 1 else 1.0
    rise = min(1.0, in_cycle / settings.warm_up) if settings.warm_up else 1.0
    weight = settings.beta * rise
    if isinstance(settings, FreeBitsKl):
        # Clamp the batch mean, not each sound: a dimension is free on average.
        return weight * kl.mean(dim=0).clamp(min=settings.free_nats).sum()
    if isinstance(settings, CapacityKl):
        return settings.beta * (kl.sum(dim=1).mean() - rise * settings.capacity).abs()
    return weight * kl.sum(dim=1).mean()
