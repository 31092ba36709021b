"""Latent sources: the latents whose decoded sounds the discriminators receive in adversarial training."""

from collections.abc import Callable

import torch
from torch import Tensor

from drumspace.errors import UserError
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.fitted_priors import FittedPriors

LatentSource = Callable[[Vae, Tensor, Tensor], Tensor]
"""A VAE, waves [B, T] and class weights [B, classes + 1] → latents [B, latent] or [B, latent, F].

Random numbers are drawn from torch's global CPU generator.
"""


def normal(vae: Vae, wave: Tensor, classes: Tensor) -> Tensor:
    """Draw latents from N(0, I)."""
    return torch.randn(len(wave), *latent_shape(vae)).to(wave.device)


def posterior(vae: Vae, wave: Tensor, classes: Tensor) -> Tensor:
    """Draw latents from the posteriors of the waves."""
    with torch.no_grad():
        return vae.encode(wave).sample()


def prior(priors: FittedPriors, name: str) -> LatentSource:
    """Latent source that draws from the fitted prior `name`, as generation does after training."""

    def source(vae: Vae, wave: Tensor, classes: Tensor) -> Tensor:
        generator = torch.Generator().manual_seed(int(torch.randint(2**62, ())))
        indices = classes.argmax(dim=1).cpu()
        latents = torch.empty(len(wave), priors.pca_axes.centre.numel())
        for index in indices.unique().tolist():
            rows = indices == index
            # The last column of the class weights stands for no class.
            label = index if index < classes.shape[1] - 1 else -1
            latents[rows] = priors.sample(name, label, int(rows.sum()), generator)
        return latents.reshape(-1, *latent_shape(vae)).to(wave.device)

    return source


def latent_shape(vae: Vae) -> tuple[int, ...]:
    """Shape of one latent: (latent,) or (latent, frames)."""
    return (vae.latent,) if vae.kind == "global" else (vae.latent, vae.frames)


def build_latent_source(name: str, fitted: tuple[FittedPriors, str] | None = None) -> LatentSource:
    """Latent source of that name in the settings; `fitted`: the VAE's priors and the name of the one to draw from.

    Raises UserError for `prior` where there are no fitted priors.
    """
    if name != "prior":
        return {"normal": normal, "posterior": posterior}[name]
    if fitted is None:
        raise UserError("latents: prior needs the priors of the VAE that is started from: name it in priors.vaes.")
    return prior(*fitted)
