"""Principal axes of a set of latents: the coordinates in which priors are fitted and directions are described."""

import torch
from torch import Tensor, nn


class PcaAxes(nn.Module):
    """PCA of latents: maps latents [n, size] to coordinates [n, count] of variance 1 along the axes, and back."""

    centre: Tensor
    """[size]: mean of the latents."""
    directions: Tensor
    """[count, size]: unit vectors."""
    spread: Tensor
    """[count]: standard deviation along each axis."""
    rest: Tensor
    """[size]: standard deviation of each latent dimension outside the axes."""

    def __init__(self, size: int, count: int) -> None:
        """`count` axes in `size` dimensions; the first coordinate axes before `fit`."""
        super().__init__()
        self.register_buffer("centre", torch.zeros(size))
        self.register_buffer("directions", torch.eye(size)[:count].clone())
        self.register_buffer("spread", torch.ones(count))
        self.register_buffer("rest", torch.zeros(size))

    def fit(self, latents: Tensor) -> None:
        """Fit the axes of largest variance to `latents` [n, size], n larger than the number of axes."""
        values = latents.double()
        centre = values.mean(dim=0)
        _, sizes, directions = torch.linalg.svd(values - centre, full_matrices=False)
        count = len(self.spread)
        # The sign of an axis is arbitrary: make its largest component positive.
        largest = directions.abs().argmax(dim=1)
        directions = directions * directions.gather(1, largest[:, None]).sign()
        self.centre.copy_(centre)
        self.directions.copy_(directions[:count])
        self.spread.copy_((sizes[:count] / len(values) ** 0.5).clamp(min=1e-6))
        residual = values - centre - (values - centre) @ directions[:count].T @ directions[:count]
        self.rest.copy_(residual.std(dim=0))

    def to_coordinates(self, latents: Tensor) -> Tensor:
        """Project latents [n, size] → coordinates [n, count]."""
        return (latents - self.centre) @ self.directions.T / self.spread

    def to_latents(self, coordinates: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Map coordinates [n, count] → latents [n, size]; with a generator, add noise as wide as `rest`."""
        latents = self.centre + (coordinates * self.spread) @ self.directions
        if generator is not None:
            latents = latents + self.rest * torch.randn(latents.shape, generator=generator)
        return latents

    def random_offsets(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw `count` random offsets [count, size] with the covariance of the latents."""
        coordinates = torch.randn(count, len(self.spread), generator=generator)
        return self.to_latents(coordinates, generator) - self.centre
