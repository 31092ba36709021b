"""Ways from one latent to another."""

from typing import Literal

import torch
from torch import Tensor

Path = Literal["linear", "spherical"]


def walk(begin: Tensor, end: Tensor, steps: int, path: Path) -> Tensor:
    """`steps` points from `begin` to `end` [size], both among them: [steps, size].

    `spherical` turns the direction evenly and changes the length evenly (Shoemake 1985; White 2016): a straight line
    between two samples of a wide Gaussian leads through its middle, where no sample lies.
    """
    share = torch.linspace(0, 1, steps)[:, None]
    if path == "linear":
        return begin + share * (end - begin)
    lengths = begin.norm().clamp(min=1e-9), end.norm().clamp(min=1e-9)
    cosine = (begin / lengths[0] @ (end / lengths[1])).clamp(-1, 1)
    angle = cosine.acos()
    if angle.sin() < 1e-4 or min(lengths) < 1e-6:  # one line through 0, or 0 itself: there is nothing to turn
        return begin + share * (end - begin)
    first, second = ((1 - share) * angle).sin() / angle.sin(), (share * angle).sin() / angle.sin()
    turned = first * begin / lengths[0] + second * end / lengths[1]
    return turned * (lengths[0] + share * (lengths[1] - lengths[0]))
