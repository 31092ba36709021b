"""A Gaussian mixture for each class, and one for all sounds, fitted after training."""

import numpy as np
import torch
from pydantic import Field
from sklearn.mixture import GaussianMixture
from torch import Tensor, nn

from drumspace.io.settings import Params


class Settings(Params):
    """How fine a mixture is."""

    components: int = Field(ge=1)
    """Gaussians a class, at most."""
    sounds_a_component: int = Field(ge=2)
    """Fewer sounds than this, and a class has fewer Gaussians."""
    regularisation: float = Field(gt=0)
    """Added to variances: with few sounds a class its Gaussians would be flat in most directions."""


class Prior(nn.Module):
    """Draws from the mixture of a class."""

    weights: Tensor
    means: Tensor
    roots: Tensor

    def __init__(self, settings: Settings, latent: int, classes: int) -> None:
        """`classes` and one for none. Before `fit` it is N(0, I)."""
        super().__init__()
        self.settings = settings
        count = settings.components
        weights = torch.zeros(classes + 1, count)
        weights[:, 0] = 1
        self.register_buffer("weights", weights)
        self.register_buffer("means", torch.zeros(classes + 1, count, latent))
        self.register_buffer("roots", torch.eye(latent).repeat(classes + 1, count, 1, 1))

    def fit(self, latents: Tensor, classes: Tensor, seed: int) -> None:
        """Latents [n, latent] drawn from posteriors; class indices [n], -1 for none. The last mixture is of all sounds.

        A class with fewer sounds than two components need has one Gaussian, whose covariance is its own as far as it
        has sounds, and for the rest that of sounds around their classes' means. With a sound or none it is any sound.
        """
        values, kinds = latents.double().numpy(), classes.numpy()
        self._fit(len(self.weights) - 1, values, seed)
        named = [values[kinds == index] for index in np.unique(kinds[kinds >= 0])]
        around = [own - own.mean(axis=0) for own in named]
        within = np.cov(np.concatenate(around).T) if around else np.cov(values.T)
        least = self.settings.regularisation * np.eye(values.shape[1])
        for index in range(len(self.weights) - 1):
            own = values[kinds == index]
            if len(own) >= 2 * self.settings.sounds_a_component:
                self._fit(index, own, seed)
            elif len(own) >= 2:
                share = len(own) / (2 * self.settings.sounds_a_component)
                covariance = share * np.cov(own.T) + (1 - share) * within + least
                self._set(index, np.ones(1), own.mean(axis=0)[None], covariance[None])
            else:
                for buffer in (self.weights, self.means, self.roots):
                    buffer[index] = buffer[-1]

    def _fit(self, index: int, values: np.ndarray, seed: int) -> None:
        count = max(1, min(self.settings.components, len(values) // self.settings.sounds_a_component))
        mixture = GaussianMixture(count, reg_covar=self.settings.regularisation, random_state=seed).fit(values)
        self._set(index, mixture.weights_, mixture.means_, mixture.covariances_)

    def _set(self, index: int, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> None:
        self.weights[index] = 0
        self.weights[index, : len(weights)] = torch.from_numpy(weights)
        self.means[index, : len(means)] = torch.from_numpy(means)
        self.roots[index, : len(means)] = torch.from_numpy(np.linalg.cholesky(covariances))

    def sample(self, index: int, count: int, generator: torch.Generator) -> Tensor:
        """[count, latent] of class `index`; -1: of any sound."""
        chosen = torch.multinomial(self.weights[index], count, replacement=True, generator=generator)
        normal = torch.randn(count, self.means.shape[2], 1, generator=generator)
        return self.means[index, chosen] + (self.roots[index, chosen] @ normal).squeeze(2)
