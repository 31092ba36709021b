"""A trained VAE's decoder against discriminators, its encoder frozen (RAVE: Caillon and Esling 2021)."""

from torch import Tensor

from drumspace.audio.format.settings import AudioParams
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.latent_sources import LatentSource, posterior
from drumspace.synth.training.vae.batches import Batch
from drumspace.synth.training.vaegan.generator_terms import (
    Told,
    adversarial_loss,
    alike,
    drawn,
    heard,
    matched,
    of_means,
    spectral,
)
from drumspace.synth.training.vaegan.settings import VaeGanSettings


def freeze(vae: Vae) -> None:
    """Leave what turns sounds into latents as it is."""
    for part in (vae.encoder, vae.to_posterior):
        part.requires_grad_(False)


def fakes(vae: Vae, source: LatentSource, batch: Batch, audio: AudioParams) -> list[Tensor]:
    """What discriminators are shown beside real sounds: waves [B, T] each."""
    return [drawn(vae, source, batch) if source is posterior else heard(vae, source, batch, audio)]


def loss(
    vae: Vae,
    discriminator: DiscriminatorSet,
    source: LatentSource,
    batch: Batch,
    settings: VaeGanSettings,
    audio: AudioParams,
    step: int,
) -> tuple[Tensor, Told]:
    """What the generator lessens: adversarial_loss and feature matching of what it shows, and the VAE's distance.

    Sounds made anew are matched with their originals. Those of other latents have none: their means over the batch are
    matched (Salimans et al. 2016).
    """
    anew = vae.decode(
        posterior(vae, batch.wave, batch.classes),
        batch.classes,
        twice=settings.terms.num_renderings == 2,
        segment=batch.segment,
    )
    near = spectral(vae, anew, batch, settings, audio.sample_rate)
    weight = settings.weights.feature_matching
    if source is posterior:
        waves = [anew.wave] if anew.second is None or not weight else [anew.wave, anew.second]
        (mine, *others), theirs = alike(discriminator, waves, batch.real, batch.classes)
        match = matched(mine, others[0] if others else None, theirs)
    else:
        (mine,), theirs = alike(discriminator, [heard(vae, source, batch, audio)], batch.real, batch.classes)
        match = matched(of_means(mine), None, of_means(theirs))
    fooled = adversarial_loss(mine, settings)
    value = settings.weights.spectral * near + settings.weights.adversarial * fooled
    if weight:
        value = value + weight * match
    return value, {"spectral": near.item(), "adversarial_loss": fooled.item(), "feature_matching": match.item()}
