"""Adversarial losses, gradient penalty and feature matching agree with their formulas."""

import math

import pytest
import torch
from torch import Tensor, nn

from drumspace.synth.losses.adversarial import (
    Objective,
    discriminator_objective,
    feature_distance,
    generator_objective,
    gradient_penalty,
    threshold,
)
from drumspace.synth.models.discriminator.output import DiscriminatorOutput


class Linear(nn.Module):
    """D(x) = a · x: its gradient is a everywhere."""

    def __init__(self, slope: Tensor) -> None:
        super().__init__()
        self.slope = nn.Parameter(slope)

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        return [DiscriminatorOutput((wave @ self.slope)[:, None], [])]


class Quadratic(nn.Module):
    """D(x) = |x|² / 2: its gradient is x."""

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        return [DiscriminatorOutput(wave.square().sum(dim=1, keepdim=True) / 2, [])]


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_the_gradient_penalty_of_a_linear_discriminator_follows_from_its_slope(precision: torch.dtype) -> None:
    slope = torch.linspace(-1, 2, 50)
    discriminator = Linear(slope.clone())
    real, fake = torch.randn(6, 50), torch.randn(6, 50)
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == torch.bfloat16):
        value = gradient_penalty(discriminator, real, fake, torch.rand(6))
    assert value.dtype == torch.float32
    length = float(slope.double().norm())
    assert value.item() == pytest.approx((length - 1) ** 2, rel=1e-5)
    # The gradient is d/da (|a| - 1)² = 2 (|a| - 1) a / |a|.
    value.backward()
    assert discriminator.slope.grad is not None
    torch.testing.assert_close(discriminator.slope.grad, 2 * (length - 1) * slope / length, rtol=1e-4, atol=1e-6)


def test_the_gradient_penalty_is_taken_between_each_pair_of_waves() -> None:
    real, fake, mix = torch.randn(5, 30), torch.randn(5, 30), torch.rand(5)
    between = mix[:, None] * real + (1 - mix[:, None]) * fake
    expected = (between.norm(dim=1) - 1).square().mean()
    torch.testing.assert_close(gradient_penalty(Quadratic(), real, fake, mix), expected)


class TwoDiscriminators(nn.Module):
    """Two linear discriminators, the second with two windows."""

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        windows = torch.stack([2 * wave.sum(dim=1), 4 * wave.sum(dim=1)], dim=1)
        return [DiscriminatorOutput(wave.sum(dim=1, keepdim=True), []), DiscriminatorOutput(windows, [])]


def test_the_gradient_penalty_sums_discriminators_and_averages_windows() -> None:
    real, fake = torch.randn(3, 16), torch.randn(3, 16)
    # The slope of each sample is 1 + (2 + 4) / 2 = 4, so the gradient over 16 samples has the norm 16.
    assert gradient_penalty(TwoDiscriminators(), real, fake, torch.rand(3)).item() == pytest.approx(15**2)


@pytest.mark.parametrize(
    ("kind", "discriminator", "generator"),
    [
        ("least_squares", (0.25 + 1) / 2 + (4 + 0.25) / 2, (9 + 0.25) / 2),
        ("hinge", (0.5 + 0) / 2 + (0 + 1.5) / 2, -(-2 + 0.5) / 2),
        (
            "log",
            sum(math.log(1 + math.exp(-d)) for d in (0.5, 2)) / 2
            + sum(math.log(1 + math.exp(d)) for d in (-2, 0.5)) / 2,
            sum(math.log(1 + math.exp(-d)) for d in (-2, 0.5)) / 2,
        ),
    ],
)
def test_losses_equal_the_published_formulas(kind: Objective, discriminator: float, generator: float) -> None:
    real, fake = torch.tensor([[0.5, 2.0]]), torch.tensor([[-2.0, 0.5]])
    assert discriminator_objective(kind, real, fake).item() == pytest.approx(discriminator, rel=1e-5)
    assert generator_objective(kind, fake).item() == pytest.approx(generator, rel=1e-5)


@pytest.mark.parametrize("kind", ["least_squares", "hinge", "log"])
def test_a_gradient_step_separates_the_scores_at_the_threshold(kind: Objective) -> None:
    scores = torch.full((2, 4), threshold(kind), requires_grad=True)
    discriminator_objective(kind, scores[:1], scores[1:]).backward()
    assert scores.grad is not None
    assert bool((scores.grad[0] < 0).all()) and bool((scores.grad[1] > 0).all())
    fake = torch.full((1, 4), threshold(kind), requires_grad=True)
    generator_objective(kind, fake).backward()
    assert fake.grad is not None and bool((fake.grad < 0).all())


def test_feature_matching_loss_is_the_mean_over_layers() -> None:
    def outputs(*levels: float) -> list[DiscriminatorOutput]:
        features = [torch.full((2, 3, 5 + index), float(level)) for index, level in enumerate(levels)]
        return [
            DiscriminatorOutput(torch.zeros(2, 1), features[:1]),
            DiscriminatorOutput(torch.zeros(2, 7), features[1:]),
        ]

    distance = feature_distance(outputs(1, 2, 3), outputs(2, 2, -5))
    torch.testing.assert_close(distance, torch.tensor([3.0, 3.0]))
