"""Where the latents come from whose sounds discriminators are shown."""

from collections.abc import Callable

import torch
from torch import Tensor

from drumspace.errors import UserError
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.fitted_priors import FittedPriors

Source = Callable[[Vae, Tensor, Tensor], Tensor]
"""A VAE, waves [B, T] and weights of their classes [B, classes + 1] → as many latents, [B, latent] or [B, latent, F].

Random numbers are from torch's generator of the CPU.
"""


def normal(vae: Vae, wave: Tensor, classes: Tensor) -> Tensor:
    """From N(0, I)."""
    return torch.randn(len(wave), *shape(vae)).to(wave.device)


def posterior(vae: Vae, wave: Tensor, classes: Tensor) -> Tensor:
    """From the posteriors of the waves."""
    with torch.no_grad():
        return vae.encode(wave).sample()


def prior(priors: FittedPriors, name: str) -> Source:
    """From a prior that was fitted: what sounds are made of once the training is over."""

    def source(vae: Vae, wave: Tensor, classes: Tensor) -> Tensor:
        generator = torch.Generator().manual_seed(int(torch.randint(2**62, ())))
        index = classes.argmax(dim=1).cpu()
        found = torch.empty(len(wave), priors.axes.centre.numel())
        for each in index.unique().tolist():
            of = index == each
            # The last of the weights is that of no class.
            kind = each if each < classes.shape[1] - 1 else -1
            found[of] = priors.sample(name, kind, int(of.sum()), generator)
        return found.reshape(-1, *shape(vae)).to(wave.device)

    return source


def shape(vae: Vae) -> tuple[int, ...]:
    """Of one latent."""
    return (vae.latent,) if vae.kind == "global" else (vae.latent, vae.frames)


def source_of(name: str, fitted: tuple[FittedPriors, str] | None = None) -> Source:
    """The one that settings name; `fitted`: the priors of the VAE, and which of them is used.

    Raises UserError where the prior is asked for and there is none.
    """
    if name != "prior":
        return {"normal": normal, "posterior": posterior}[name]
    if fitted is None:
        raise UserError("latents: prior needs the priors of the VAE that is started from: name it in priors.vaes.")
    return prior(*fitted)
