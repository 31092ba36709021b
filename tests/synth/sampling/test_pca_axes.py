"""PCA axes are sorted by variance; latents and coordinates convert into each other."""

import pytest
import torch

from drumspace.synth.sampling.pca_axes import PcaAxes


def cloud(count: int = 4000) -> torch.Tensor:
    """Latents with variance 9 along (1, 1, 0), 1 along (1, -1, 0), 0.01 along the third axis; centre (5, 0, 0)."""
    normal = torch.randn(count, 3, generator=torch.Generator().manual_seed(0))
    rotation = torch.tensor([[1.0, 1, 0], [1, -1, 0], [0, 0, 2**0.5]]) / 2**0.5
    return (normal * torch.tensor([3.0, 1, 0.1])) @ rotation + torch.tensor([5.0, 0, 0])


def test_the_axes_of_greatest_variance_come_first() -> None:
    axes = PcaAxes(3, 2)
    axes.fit(cloud())
    torch.testing.assert_close(axes.spread, torch.tensor([3.0, 1.0]), atol=0.1, rtol=0)
    torch.testing.assert_close(axes.directions[0], torch.tensor([1.0, 1, 0]) / 2**0.5, atol=0.03, rtol=0)
    torch.testing.assert_close(axes.centre, torch.tensor([5.0, 0, 0]), atol=0.2, rtol=0)
    assert axes.rest.max() == pytest.approx(0.1, rel=0.1)


def test_with_all_axes_latents_are_restored_from_coordinates() -> None:
    axes, latents = PcaAxes(3, 3), cloud()
    axes.fit(latents)
    coordinates = axes.to_coordinates(latents)
    torch.testing.assert_close(coordinates.std(dim=0), torch.ones(3), atol=1e-3, rtol=0)
    torch.testing.assert_close(axes.to_latents(coordinates), latents, atol=1e-4, rtol=0)


def test_variance_outside_the_axes_is_restored_by_noise() -> None:
    axes, latents = PcaAxes(3, 1), cloud()
    axes.fit(latents)
    generator = torch.Generator().manual_seed(1)
    reconstructed = axes.to_latents(torch.randn(4000, 1, generator=generator), generator)
    torch.testing.assert_close(reconstructed.var(dim=0).sum(), latents.var(dim=0).sum(), rtol=0.05, atol=0)
    offsets = axes.random_offsets(4000, torch.Generator().manual_seed(2))
    torch.testing.assert_close(offsets.mean(dim=0), torch.zeros(3), atol=0.15, rtol=0)
    torch.testing.assert_close(offsets.var(dim=0).sum(), latents.var(dim=0).sum(), rtol=0.05, atol=0)


def test_the_sign_of_an_axis_does_not_depend_on_the_solver() -> None:
    first, second = PcaAxes(3, 2), PcaAxes(3, 2)
    first.fit(cloud())
    second.fit(cloud().flip(0))
    torch.testing.assert_close(first.directions, second.directions, atol=1e-4, rtol=0)
