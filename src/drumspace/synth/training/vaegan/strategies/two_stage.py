"""A trained VAE's decoder against discriminators, with a frozen encoder (RAVE: Caillon and Esling 2021)."""

from torch import Tensor

from drumspace.audio.format.settings import AudioParams
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.latent_sources import LatentSource, posterior
from drumspace.synth.training.vae.batches import Batch
from drumspace.synth.training.vaegan.generator_terms import (
    Logs,
    adversarial_loss,
    batch_means,
    decode_latents,
    decode_postprocessed,
    feature_matching_loss,
    paired_forward,
    spectral_loss,
)
from drumspace.synth.training.vaegan.settings import VaeGanSettings


def freeze(vae: Vae) -> None:
    """Freeze the encoder and the layer that gives the posterior."""
    for part in (vae.encoder, vae.to_posterior):
        part.requires_grad_(False)


def generate(
    vae: Vae, source: LatentSource, batch: Batch, settings: VaeGanSettings, audio: AudioParams
) -> list[Tensor]:
    """Generated batch for the discriminators, waves [B, T]: reconstructions, or post-processed samples of a prior."""
    if settings.latents == "posterior":
        return [decode_latents(vae, source, batch)]
    return [decode_postprocessed(vae, source, batch, audio)]


def loss(
    vae: Vae,
    discriminator: DiscriminatorSet,
    source: LatentSource,
    batch: Batch,
    settings: VaeGanSettings,
    audio: AudioParams,
    step: int,
) -> tuple[Tensor, Logs]:
    """Loss of the generator: adversarial loss, feature matching and reconstruction loss; scalar.

    Feature maps of reconstructions are matched with those of their originals. Samples of a prior have no originals:
    means over the batch are matched (Salimans et al. 2016).
    """
    decoded = vae.decode(
        posterior(vae, batch.wave, batch.classes),
        batch.classes,
        two_renderings=settings.terms.num_renderings == 2,
        segment=batch.segment,
    )
    spectral = spectral_loss(vae, decoded, batch, settings, audio.sample_rate)
    weight = settings.weights.feature_matching
    if settings.latents == "posterior":
        second = decoded.second_rendering if weight else None
        waves = [decoded.wave] if second is None else [decoded.wave, second]
        (outputs, *others), real = paired_forward(discriminator, waves, batch.real, batch.classes)
        matching = feature_matching_loss(outputs, others[0] if others else None, real)
    else:
        wave = decode_postprocessed(vae, source, batch, audio)
        (outputs,), real = paired_forward(discriminator, [wave], batch.real, batch.classes)
        matching = feature_matching_loss(batch_means(outputs), None, batch_means(real))
    adversarial = adversarial_loss(outputs, settings)
    total = settings.weights.spectral * spectral + settings.weights.adversarial * adversarial
    if weight:
        total = total + weight * matching
    logs = {
        "spectral": spectral.item(),
        "adversarial_loss": adversarial.item(),
        "feature_matching": matching.item(),
    }
    return total, logs
