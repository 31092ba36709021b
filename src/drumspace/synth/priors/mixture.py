"""Gaussian mixture prior: one mixture per class and one for all clips, fitted by expectation maximisation."""

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from drumspace.io.settings import Params


class Settings(Params):
    """Size and regularisation of the mixtures."""

    components: int = Field(ge=1)
    """Gaussians per class, at most."""
    samples_per_component: int = Field(ge=2)
    """Training clips needed for each Gaussian: a class with fewer clips gets fewer Gaussians."""
    regularisation: float = Field(gt=0)
    """Added to the diagonal of each covariance, which is singular where a class has fewer clips than dimensions."""


class Prior(nn.Module):
    """Class-conditional Gaussian mixture with full covariances."""

    weights: Tensor
    """[classes + 1, components]: mixture weights; the last row is the mixture of all clips."""
    means: Tensor
    """[classes + 1, components, latent]."""
    roots: Tensor
    """[classes + 1, components, latent, latent]: Cholesky factors of the covariances."""

    def __init__(self, settings: Settings, latent: int, classes: int) -> None:
        """Mixtures over `latent` dimensions for `classes` classes and for no class; N(0, I) before `fit`."""
        super().__init__()
        self.settings = settings
        count = settings.components
        weights = torch.zeros(classes + 1, count)
        weights[:, 0] = 1
        self.register_buffer("weights", weights)
        self.register_buffer("means", torch.zeros(classes + 1, count, latent))
        self.register_buffer("roots", torch.eye(latent).repeat(classes + 1, count, 1, 1))

    def fit(self, latents: Tensor, classes: Tensor, seed: int) -> None:
        """Fit the mixtures to latents [n, latent] with class indices int [n], -1 for no class.

        A class with fewer clips than two components need gets one Gaussian. Its covariance is shrunk towards the
        pooled within-class covariance, the more the fewer clips there are. A class with fewer than two clips gets the
        mixture of all clips.
        """
        values, labels = latents.double().numpy(), classes.numpy()
        self._fit(len(self.weights) - 1, values, seed)
        by_class = [values[labels == index] for index in np.unique(labels[labels >= 0])]
        centred = [members - members.mean(axis=0) for members in by_class]
        within = np.cov(np.concatenate(centred).T) if centred else np.cov(values.T)
        ridge = self.settings.regularisation * np.eye(values.shape[1])
        for index in range(len(self.weights) - 1):
            members = values[labels == index]
            if len(members) >= 2 * self.settings.samples_per_component:
                self._fit(index, members, seed)
            elif len(members) >= 2:
                share = len(members) / (2 * self.settings.samples_per_component)
                covariance = share * np.cov(members.T) + (1 - share) * within + ridge
                self._set(index, np.ones(1), members.mean(axis=0)[None], covariance[None])
            else:
                for buffer in (self.weights, self.means, self.roots):
                    buffer[index] = buffer[-1]

    def _fit(self, index: int, values: np.ndarray, seed: int) -> None:
        """Fit the mixture of row `index` to values float64 [n, latent]."""
        from sklearn.mixture import GaussianMixture

        count = max(1, min(self.settings.components, len(values) // self.settings.samples_per_component))
        mixture = GaussianMixture(count, reg_covar=self.settings.regularisation, random_state=seed).fit(values)
        self._set(index, mixture.weights_, mixture.means_, mixture.covariances_)

    def _set(self, index: int, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> None:
        """Store the parameters of row `index`: [k], [k, latent], [k, latent, latent] with k ≤ components."""
        self.weights[index] = 0
        self.weights[index, : len(weights)] = torch.from_numpy(weights)
        self.means[index, : len(means)] = torch.from_numpy(means)
        self.roots[index, : len(means)] = torch.from_numpy(np.linalg.cholesky(covariances))

    def sample(self, index: int, count: int, generator: torch.Generator) -> Tensor:
        """Draw `count` latents [count, latent] of class `index`; -1 draws from the mixture of all clips."""
        chosen = torch.multinomial(self.weights[index], count, replacement=True, generator=generator)
        normal = torch.randn(count, self.means.shape[2], 1, generator=generator)
        return self.means[index, chosen] + (self.roots[index, chosen] @ normal).squeeze(2)
