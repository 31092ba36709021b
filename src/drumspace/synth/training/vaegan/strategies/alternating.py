"""The thesis's strategy: steps of a VAE and of a GAN in turn, with the decoder as generator."""

from torch import Tensor

from drumspace.audio.format.settings import AudioParams
from drumspace.synth.losses.kl import kl_loss
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.latent_sources import LatentSource
from drumspace.synth.training.vae.batches import Batch
from drumspace.synth.training.vaegan.generator_terms import (
    Logs,
    adversarial_loss,
    batch_means,
    decode_latents,
    feature_matching_loss,
    paired_forward,
    spectral_loss,
)
from drumspace.synth.training.vaegan.settings import VaeGanSettings


def freeze(vae: Vae) -> None:
    """Train all weights."""


def generate(
    vae: Vae, source: LatentSource, batch: Batch, settings: VaeGanSettings, audio: AudioParams
) -> list[Tensor]:
    """Generated batches for the discriminators: waves [B, T] decoded from `source`."""
    return [decode_latents(vae, source, batch)]


def loss(
    vae: Vae,
    discriminator: DiscriminatorSet,
    source: LatentSource,
    batch: Batch,
    settings: VaeGanSettings,
    audio: AudioParams,
    step: int,
) -> tuple[Tensor, Logs]:
    """Loss of the generator: adversarial in even steps, the VAE's loss in odd ones; scalar.

    With a weight of `spectral` even steps add the reconstruction loss.
    """
    if step % 2:
        return vae_loss(vae, batch, settings, audio, step)
    (outputs,), real = paired_forward(discriminator, [decode_latents(vae, source, batch)], batch.real, batch.classes)
    adversarial = adversarial_loss(outputs, settings)
    # Samples have no originals: match means over the batch (Salimans et al. 2016).
    matching = feature_matching_loss(batch_means(outputs), None, batch_means(real))
    total = settings.weights.adversarial * adversarial
    if settings.weights.feature_matching:
        total = total + settings.weights.feature_matching * matching
    if settings.weights.spectral:
        _, decoded = vae(batch.wave, batch.classes, settings.terms.num_renderings == 2, batch.segment)
        total = total + settings.weights.spectral * spectral_loss(vae, decoded, batch, settings, audio.sample_rate)
    return total, {"adversarial_loss": adversarial.item(), "feature_matching": matching.item()}


def vae_loss(vae: Vae, batch: Batch, settings: VaeGanSettings, audio: AudioParams, step: int) -> tuple[Tensor, Logs]:
    """Reconstruction loss and KL term: scalar."""
    posterior, decoded = vae(batch.wave, batch.classes, settings.terms.num_renderings == 2, batch.segment)
    spectral = spectral_loss(vae, decoded, batch, settings, audio.sample_rate)
    kl = posterior.kl()
    weighted_kl = kl_loss(kl, settings.kl, (step + 1) / settings.steps)
    return spectral + weighted_kl, {"spectral": spectral.item(), "kl": kl.sum(dim=1).mean().item()}
