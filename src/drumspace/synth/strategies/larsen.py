"""VAE/GAN (Larsen et al. 2016), the thesis's first attempt: reconstruction in the discriminator's features."""

import torch
from torch import Tensor

from drumspace.synth.batches import Batch
from drumspace.synth.discriminator_set import DiscriminatorSet
from drumspace.synth.discriminators.opinion import Opinion
from drumspace.synth.strategies.terms import Told, alike, deceit, normal, spectral
from drumspace.synth.vae import Vae
from drumspace.synth.vae_loss import divergence
from drumspace.synth.vaegan_params import VaeGanSettings


def freeze(vae: Vae) -> None:
    """All of it learns."""


def latents(vae: Vae, wave: Tensor) -> Tensor:
    """As many as there are waves [B, T], from N(0, I): what the generator's steps decode."""
    return normal(vae, len(wave), wave.device)


def fakes(vae: Vae, batch: Batch, step: int) -> list[Tensor]:
    """What discriminators are shown beside real sounds: reconstructions, and sounds from N(0, I)."""
    with torch.no_grad():
        posterior = vae.encode(batch.wave)
    return [
        vae.decode(each, batch.classes, segment=batch.segment).wave
        for each in (posterior.sample(), latents(vae, batch.wave))
    ]


def loss(
    vae: Vae, critic: DiscriminatorSet, batch: Batch, settings: VaeGanSettings, sample_rate: int, step: int
) -> tuple[Tensor, Told]:
    """What encoder and decoder lessen, each its own part of it (algorithm 1).

    The encoder KL + d, the decoder γ d + deceit, with d half the mean square of differences of features and γ the
    weight of `feature_matching`: d's gradient is γ times as large in the decoder, and deceit's ends at the latents.
    """
    gamma = settings.weights.feature_matching
    posterior = vae.encode(batch.wave)
    latent, nats = posterior.sample(), posterior.kl()
    anew = vae.decode(slowed(latent, 1 / gamma), batch.classes, segment=batch.segment)
    (mine,), theirs = alike(critic, [anew.wave], batch.real, batch.classes)
    apart = half_square(mine, theirs)
    drawn = (latent.detach(), latents(vae, batch.wave))
    waves = [vae.decode(each, batch.classes, segment=batch.segment).wave for each in drawn]
    fooled = torch.stack([deceit(critic(wave, batch.classes), settings) for wave in waves]).mean()
    value = gamma * apart + settings.weights.adversarial * fooled
    value = value + divergence(nats, settings.divergence, (step + 1) / settings.steps)
    told = {"deceit": fooled.item(), "feature_matching": apart.item(), "nats": nats.sum(dim=1).mean().item()}
    if settings.weights.spectral:
        near = spectral(vae, anew, batch, settings, sample_rate)
        value = value + settings.weights.spectral * near
        told["spectral"] = near.item()
    return value, told


def slowed(values: Tensor, share: float) -> Tensor:
    """The same values, of whose gradient `share` goes on."""
    return values.detach() + share * (values - values.detach())


def half_square(first: list[Opinion], second: list[Opinion]) -> Tensor:
    """-log N(f(x) | f(x̃), I) without its constant, a mean for the sum (equation 7): a scalar."""
    layers = [
        0.5 * (a - b).float().square().mean()
        for one, other in zip(first, second, strict=True)
        for a, b in zip(one.features, other.features, strict=True)
    ]
    return torch.stack(layers).mean()
