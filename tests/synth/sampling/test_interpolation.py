"""Interpolations start and end at the given latents; spherical ones keep the norm."""

import pytest
import torch

from drumspace.synth.sampling.interpolation import Path, interpolate_latents


@pytest.mark.parametrize("path", ["linear", "spherical"])
def test_both_ends_are_on_the_path(path: Path) -> None:
    start, end = torch.tensor([3.0, 0, 1]), torch.tensor([0.0, 1, 0])
    points = interpolate_latents(start, end, 5, path)
    assert points.shape == (5, 3)
    torch.testing.assert_close(points[0], start)
    torch.testing.assert_close(points[-1], end)
    # Each step comes nearer to the end, by equal distances or equal angles.
    remaining = (points - end).norm(dim=1)
    assert (remaining.diff() < 0).all()
    angles = torch.nn.functional.cosine_similarity(points[:-1], points[1:]).acos()
    steps = points.diff(dim=0).norm(dim=1) if path == "linear" else angles
    torch.testing.assert_close(steps, steps.mean().expand(4), atol=1e-3, rtol=0)


def test_a_spherical_path_has_equal_angles_and_keeps_the_norm() -> None:
    points = interpolate_latents(torch.tensor([2.0, 0]), torch.tensor([0.0, 2]), 3, "spherical")
    torch.testing.assert_close(points, torch.tensor([[2.0, 0], [2**0.5, 2**0.5], [0, 2]]), atol=1e-6, rtol=0)
    assert interpolate_latents(torch.tensor([2.0, 0]), torch.tensor([0.0, 2]), 3, "linear")[1].norm() < 1.5


@pytest.mark.parametrize("end", [[2.0, 0], [-1.0, 0], [0.0, 0]])
def test_points_on_one_line_are_connected_by_a_straight_line(end: list[float]) -> None:
    points = interpolate_latents(torch.tensor([1.0, 0]), torch.tensor(end), 3, "spherical")
    torch.testing.assert_close(points[1], (torch.tensor([1.0, 0]) + torch.tensor(end)) / 2)
