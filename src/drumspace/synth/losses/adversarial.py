"""Objectives of adversarial training, the gradient penalty and feature matching."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from drumspace.synth.models.discriminator.output import DiscriminatorOutput

Objective = Literal["least_squares", "hinge", "log"]


def discriminator_objective(kind: Objective, real: Tensor, fake: Tensor) -> Tensor:
    """Loss of a discriminator from its logits for real and generated windows: scalar.

    least_squares: mean (D(x) - 1)² + mean D(G(z))² (Mao et al. 2017, eq. 9, a = 0, b = c = 1, without the factors ½);
    hinge: mean max(0, 1 - D(x)) + mean max(0, 1 + D(G(z))) (Lim and Ye 2017);
    log: -mean log σ(D(x)) - mean log(1 - σ(D(G(z)))) (Goodfellow et al. 2014: the thesis's equation 4.2).
    """
    real, fake = real.float(), fake.float()
    if kind == "least_squares":
        return (real - 1).square().mean() + fake.square().mean()
    if kind == "hinge":
        return functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()
    return functional.softplus(-real).mean() + functional.softplus(fake).mean()


def generator_objective(kind: Objective, fake: Tensor) -> Tensor:
    """Loss of a generator from the discriminator's logits for its samples: scalar.

    least_squares: mean (D(G(z)) - 1)²; hinge: -mean D(G(z)); log: -mean log σ(D(G(z))), the non-saturating form.
    """
    fake = fake.float()
    if kind == "least_squares":
        return (fake - 1).square().mean()
    if kind == "hinge":
        return -fake.mean()
    return functional.softplus(-fake).mean()


def threshold(kind: Objective) -> float:
    """The logit from which on a window is classified as real."""
    return 0.5 if kind == "least_squares" else 0.0


def gradient_penalty(
    discriminator: nn.Module, real: Tensor, fake: Tensor, mix: Tensor, classes: Tensor | None = None
) -> Tensor:
    """Mean of (‖∇D(x)‖₂ - 1)² over x = mix real + (1 - mix) fake (WGAN-GP: Gulrajani et al. 2017, eq. 3): scalar.

    real, fake: waves [B, T]; mix: [B] in [0, 1]; D is the sum over outputs of a wave's mean logit. Computed in float32
    under any autocast: in a second derivative the rounding of bfloat16 is too coarse.
    """
    with torch.autocast(real.device.type, enabled=False):
        weight = mix.float().unsqueeze(1)
        between = (weight * real.float() + (1 - weight) * fake.float()).detach().requires_grad_()
        outputs: list[DiscriminatorOutput] = discriminator(between, classes)
        logits = torch.stack([output.logits.mean(dim=1) for output in outputs]).sum()
        (gradient,) = torch.autograd.grad(logits, between, create_graph=True)
        return (gradient.norm(dim=1) - 1).square().mean()


def feature_distance(first: Sequence[DiscriminatorOutput], second: Sequence[DiscriminatorOutput]) -> Tensor:
    """Mean over all layers of mean |f(x) - f(y)|: [B] (MelGAN, eq. 4, with the mean in place of the sum).

    Both outputs must come from one forward pass, or from passes with the same random state.
    """
    layers = [
        (a - b).abs().flatten(1).mean(dim=1)
        for one, other in zip(first, second, strict=True)
        for a, b in zip(one.feature_maps, other.feature_maps, strict=True)
    ]
    return torch.stack(layers).mean(dim=0)
