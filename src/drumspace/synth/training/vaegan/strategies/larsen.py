"""VAE/GAN (Larsen et al. 2016), the thesis's first attempt: reconstruction in the discriminator's features."""

import torch
from torch import Tensor

from drumspace.audio.format.settings import AudioParams
from drumspace.synth.losses.kl import kl_loss
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.discriminator.output import DiscriminatorOutput
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.latent_sources import LatentSource, posterior
from drumspace.synth.training.vae.batches import Batch
from drumspace.synth.training.vaegan.generator_terms import Told, adversarial_loss, alike, drawn, spectral
from drumspace.synth.training.vaegan.settings import VaeGanSettings


def freeze(vae: Vae) -> None:
    """All of it learns."""


def fakes(vae: Vae, source: LatentSource, batch: Batch, audio: AudioParams) -> list[Tensor]:
    """What discriminators are shown beside real sounds: reconstructions, and sounds from `source`."""
    return [drawn(vae, each, batch) for each in (posterior, source)]


def loss(
    vae: Vae,
    discriminator: DiscriminatorSet,
    source: LatentSource,
    batch: Batch,
    settings: VaeGanSettings,
    audio: AudioParams,
    step: int,
) -> tuple[Tensor, Told]:
    """What encoder and decoder lessen, each its own part of it (algorithm 1).

    The encoder KL + d, the decoder γ d + a, with d half the mean square of differences of features and γ the
    weight of `feature_matching`: d's gradient is γ times as large in the decoder, and a's ends at the latents.
    That of the spectral distance, which the paper does not have, is w in the decoder and w / γ in the encoder.
    """
    gamma = settings.weights.feature_matching
    found = vae.encode(batch.wave)
    latent, nats = found.sample(), found.kl()
    anew = vae.decode(slowed(latent, 1 / gamma), batch.classes, segment=batch.segment)
    (mine,), theirs = alike(discriminator, [anew.wave], batch.real, batch.classes)
    apart = half_square(mine, theirs)
    again = vae.decode(latent.detach(), batch.classes, segment=batch.segment).wave
    waves = [again, drawn(vae, source, batch)]
    fooled = torch.stack([adversarial_loss(discriminator(wave, batch.classes), settings) for wave in waves]).mean()
    value = gamma * apart + settings.weights.adversarial * fooled
    value = value + kl_loss(nats, settings.kl, (step + 1) / settings.steps)
    told = {"adversarial_loss": fooled.item(), "feature_matching": apart.item(), "kl": nats.sum(dim=1).mean().item()}
    if settings.weights.spectral:
        near = spectral(vae, anew, batch, settings, audio.sample_rate)
        value = value + settings.weights.spectral * near
        told["spectral"] = near.item()
    return value, told


def slowed(values: Tensor, share: float) -> Tensor:
    """The same values, of whose gradient `share` goes on."""
    return values.detach() + share * (values - values.detach())


def half_square(first: list[DiscriminatorOutput], second: list[DiscriminatorOutput]) -> Tensor:
    """-log N(f(x) | f(x̃), I) without its constant, a mean for the sum (equation 7): a scalar."""
    layers = [
        0.5 * (a - b).float().square().mean()
        for one, other in zip(first, second, strict=True)
        for a, b in zip(one.features, other.features, strict=True)
    ]
    return torch.stack(layers).mean()
