"""Principal axes of a cloud of latents: where priors are fitted, and ways to walk."""

import torch
from torch import Tensor, nn


class Axes(nn.Module):
    """Latents [n, size] to coordinates [n, count] of variance 1 along their principal axes, and back."""

    centre: Tensor
    directions: Tensor
    spread: Tensor
    rest: Tensor

    def __init__(self, size: int, count: int) -> None:
        """`count` axes of the `size` there are; before `fit` the first ones."""
        super().__init__()
        self.register_buffer("centre", torch.zeros(size))
        self.register_buffer("directions", torch.eye(size)[:count].clone())
        self.register_buffer("spread", torch.ones(count))
        self.register_buffer("rest", torch.zeros(size))

    def fit(self, latents: Tensor) -> None:
        """The axes of greatest variance of `latents` [n, size], n more than `count`."""
        values = latents.double()
        centre = values.mean(dim=0)
        _, sizes, directions = torch.linalg.svd(values - centre, full_matrices=False)
        count = len(self.spread)
        # A direction and its opposite are one axis: the sign in which its largest part is positive.
        largest = directions.abs().argmax(dim=1)
        directions = directions * directions.gather(1, largest[:, None]).sign()
        self.centre.copy_(centre)
        self.directions.copy_(directions[:count])
        self.spread.copy_((sizes[:count] / len(values) ** 0.5).clamp(min=1e-6))
        left = values - centre - (values - centre) @ directions[:count].T @ directions[:count]
        self.rest.copy_(left.std(dim=0))

    def coordinates(self, latents: Tensor) -> Tensor:
        """[n, size] → [n, count]."""
        return (latents - self.centre) @ self.directions.T / self.spread

    def latents(self, coordinates: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """[n, count] → [n, size]; with a generator also spread beside the axes, as the latents were."""
        found = self.centre + (coordinates * self.spread) @ self.directions
        if generator is not None:
            found = found + self.rest * torch.randn(found.shape, generator=generator)
        return found

    def moves(self, count: int, generator: torch.Generator) -> Tensor:
        """Random moves [count, size] as wide as the latents are."""
        coordinates = torch.randn(count, len(self.spread), generator=generator)
        return self.latents(coordinates, generator) - self.centre
