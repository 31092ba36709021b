"""The thesis's way: steps of a VAE and of a GAN in turn, the decoder shared as generator."""

from torch import Tensor

from drumspace.audio.format.settings import AudioParams
from drumspace.synth.losses.kl import kl_loss
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.latent_sources import LatentSource
from drumspace.synth.training.vae.batches import Batch
from drumspace.synth.training.vaegan.generator_terms import (
    Told,
    adversarial_loss,
    alike,
    drawn,
    matched,
    of_means,
    spectral,
)
from drumspace.synth.training.vaegan.settings import VaeGanSettings


def freeze(vae: Vae) -> None:
    """All of it learns."""


def fakes(vae: Vae, source: LatentSource, batch: Batch, audio: AudioParams) -> list[Tensor]:
    """What discriminators are shown beside real sounds: waves [B, T] each."""
    return [drawn(vae, source, batch)]


def loss(
    vae: Vae,
    discriminator: DiscriminatorSet,
    source: LatentSource,
    batch: Batch,
    settings: VaeGanSettings,
    audio: AudioParams,
    step: int,
) -> tuple[Tensor, Told]:
    """What the generator lessens: in even steps its adversarial_loss, in odd ones the VAE's loss.

    With a weight of `spectral` the generator's steps make the batch anew too, and its distance is an auxiliary loss.
    """
    twice = settings.terms.num_renderings == 2
    if step % 2:
        posterior, found = vae(batch.wave, batch.classes, twice, batch.segment)
        near, nats = spectral(vae, found, batch, settings, audio.sample_rate), posterior.kl()
        apart = kl_loss(nats, settings.kl, (step + 1) / settings.steps)
        return near + apart, {"spectral": near.item(), "kl": nats.sum(dim=1).mean().item()}
    (mine,), theirs = alike(discriminator, [drawn(vae, source, batch)], batch.real, batch.classes)
    # No sound of the batch is what another one should have become: their means are matched (Salimans et al. 2016).
    fooled, match = adversarial_loss(mine, settings), matched(of_means(mine), None, of_means(theirs))
    value = settings.weights.adversarial * fooled
    told = {"adversarial_loss": fooled.item(), "feature_matching": match.item()}
    if settings.weights.feature_matching:
        value = value + settings.weights.feature_matching * match
    if settings.weights.spectral:
        _, found = vae(batch.wave, batch.classes, twice, batch.segment)
        value = value + settings.weights.spectral * spectral(vae, found, batch, settings, audio.sample_rate)
    return value, told
