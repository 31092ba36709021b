"""Latent interpolation: linear and spherical paths between two latents."""

from typing import Literal

import torch
from torch import Tensor

Path = Literal["linear", "spherical"]


def interpolate_latents(start: Tensor, end: Tensor, steps: int, path: Path) -> Tensor:
    """Interpolate between two latents [size]: [steps, size], both ends included.

    `spherical` changes the direction and the length at constant rates (Shoemake 1985; White 2016). A linear path
    between two samples of a high-dimensional Gaussian passes near its centre, where samples are improbable.
    """
    share = torch.linspace(0, 1, steps)[:, None]
    if path == "linear":
        return start + share * (end - start)
    lengths = start.norm().clamp(min=1e-9), end.norm().clamp(min=1e-9)
    cosine = (start / lengths[0] @ (end / lengths[1])).clamp(-1, 1)
    angle = cosine.acos()
    if angle.sin() < 1e-4 or min(lengths) < 1e-6:  # no plane of rotation: the latents are collinear, or one is 0
        return start + share * (end - start)
    first, second = ((1 - share) * angle).sin() / angle.sin(), (share * angle).sin() / angle.sin()
    direction = first * start / lengths[0] + second * end / lengths[1]
    return direction * (lengths[0] + share * (lengths[1] - lengths[0]))
