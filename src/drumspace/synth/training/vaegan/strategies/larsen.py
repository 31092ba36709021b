"""VAE/GAN (Larsen et al. 2016), the thesis's first attempt: reconstruction in the discriminator's feature maps."""

import torch
from torch import Tensor

from drumspace.audio.format.settings import AudioParams
from drumspace.synth.losses.kl import kl_loss
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.latent_sources import LatentSource, posterior
from drumspace.synth.training.vae.batches import Batch
from drumspace.synth.training.vaegan.generator_terms import (
    Logs,
    Outputs,
    adversarial_loss,
    decode_latents,
    paired_forward,
    spectral_loss,
)
from drumspace.synth.training.vaegan.settings import VaeGanSettings


def freeze(vae: Vae) -> None:
    """Train all weights."""


def generate(
    vae: Vae, source: LatentSource, batch: Batch, settings: VaeGanSettings, audio: AudioParams
) -> list[Tensor]:
    """Generated batches for the discriminators: reconstructions, and samples from `source`; waves [B, T] each."""
    return [decode_latents(vae, each, batch) for each in (posterior, source)]


def loss(
    vae: Vae,
    discriminator: DiscriminatorSet,
    source: LatentSource,
    batch: Batch,
    settings: VaeGanSettings,
    audio: AudioParams,
    step: int,
) -> tuple[Tensor, Logs]:
    """Losses of encoder and decoder in one scalar (algorithm 1).

    The encoder's is KL + d, the decoder's γ d + adversarial loss, where d is half the mean squared difference of
    feature maps and γ the weight of `feature_matching`: gradients of d are scaled by 1 / γ at the latents, where those
    of the adversarial loss end. The spectral loss, which the paper lacks, has weight w in the decoder, w / γ in the
    encoder.
    """
    gamma = settings.weights.feature_matching
    encoded = vae.encode(batch.wave)
    latent, kl = encoded.sample(), encoded.kl()
    decoded = vae.decode(scale_gradient(latent, 1 / gamma), batch.classes, segment=batch.segment)
    (outputs,), real = paired_forward(discriminator, [decoded.wave], batch.real, batch.classes)
    matching = half_squared_distance(outputs, real)
    detached = vae.decode(latent.detach(), batch.classes, segment=batch.segment).wave
    waves = [detached, decode_latents(vae, source, batch)]
    adversarial = torch.stack([adversarial_loss(discriminator(wave, batch.classes), settings) for wave in waves]).mean()
    total = gamma * matching + settings.weights.adversarial * adversarial
    total = total + kl_loss(kl, settings.kl, (step + 1) / settings.steps)
    logs = {
        "adversarial_loss": adversarial.item(),
        "feature_matching": matching.item(),
        "kl": kl.sum(dim=1).mean().item(),
    }
    if settings.weights.spectral:
        spectral = spectral_loss(vae, decoded, batch, settings, audio.sample_rate)
        total = total + settings.weights.spectral * spectral
        logs["spectral"] = spectral.item()
    return total, logs


def scale_gradient(values: Tensor, factor: float) -> Tensor:
    """The same values, with their gradient scaled by `factor`."""
    return values.detach() + factor * (values - values.detach())


def half_squared_distance(first: Outputs, second: Outputs) -> Tensor:
    """-log N(f(x) | f(x̃), I) without its constant, with the mean in place of the sum (equation 7): scalar."""
    layers = [
        0.5 * (a - b).float().square().mean()
        for one, other in zip(first, second, strict=True)
        for a, b in zip(one.feature_maps, other.feature_maps, strict=True)
    ]
    return torch.stack(layers).mean()
