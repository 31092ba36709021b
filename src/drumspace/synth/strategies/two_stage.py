"""A trained VAE's decoder against discriminators, its encoder frozen (RAVE: Caillon and Esling 2021)."""

import torch
from torch import Tensor

from drumspace.synth.batches import Batch
from drumspace.synth.discriminator_set import DiscriminatorSet
from drumspace.synth.strategies.terms import Told, alike, deceit, matched, spectral
from drumspace.synth.vae import Vae
from drumspace.synth.vaegan_params import VaeGanSettings


def freeze(vae: Vae) -> None:
    """Leave what turns sounds into latents as it is."""
    for part in (vae.encoder, vae.to_posterior):
        part.requires_grad_(False)


def latents(vae: Vae, wave: Tensor) -> Tensor:
    """Of waves [B, T], drawn from their posteriors."""
    with torch.no_grad():
        return vae.encode(wave).sample()


def fakes(vae: Vae, batch: Batch, step: int) -> list[Tensor]:
    """What discriminators are shown beside real sounds: waves [B, T] each."""
    return [vae.decode(latents(vae, batch.wave), batch.classes, segment=batch.segment).wave]


def loss(
    vae: Vae, critic: DiscriminatorSet, batch: Batch, settings: VaeGanSettings, sample_rate: int, step: int
) -> tuple[Tensor, Told]:
    """What the generator lessens."""
    twice = settings.terms.draws == 2
    found = vae.decode(latents(vae, batch.wave), batch.classes, twice=twice, segment=batch.segment)
    near = spectral(vae, found, batch, settings, sample_rate)
    weight = settings.weights.feature_matching
    waves = [found.wave] if found.second is None or not weight else [found.wave, found.second]
    (mine, *others), theirs = alike(critic, waves, batch.real, batch.classes)
    fooled, match = deceit(mine, settings), matched(mine, others[0] if others else None, theirs)
    value = settings.weights.spectral * near + settings.weights.adversarial * fooled
    if weight:
        value = value + weight * match
    return value, {"spectral": near.item(), "deceit": fooled.item(), "feature_matching": match.item()}
