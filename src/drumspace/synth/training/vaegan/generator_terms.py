"""What strategies share: the terms of a generator's loss, and sounds to show."""

import torch
from torch import Tensor

from drumspace.audio.format.settings import AudioParams
from drumspace.synth.dsp.postprocess import postprocess
from drumspace.synth.losses.adversarial import feature_distance, generator_objective
from drumspace.synth.losses.reconstruction import drawn_resolutions, reconstruction_loss
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.discriminator.output import DiscriminatorOutput
from drumspace.synth.models.vae.interface import DecoderOutput, part_of
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.latent_sources import LatentSource
from drumspace.synth.training.vae.batches import Batch
from drumspace.synth.training.vae.validation import grain_distance
from drumspace.synth.training.vaegan.settings import VaeGanSettings

Told = dict[str, float]
"""What a loss reports, by name."""


def drawn(vae: Vae, source: LatentSource, batch: Batch) -> Tensor:
    """Sounds [B, T] of latents of `source`, of the batch's classes and segments."""
    return vae.decode(source(vae, batch.wave, batch.classes), batch.classes, segment=batch.segment).wave


def heard(vae: Vae, source: LatentSource, batch: Batch, audio: AudioParams) -> Tensor:
    """The same as they are heard once the training is over: whole sounds, levelled and faded out.

    What is never heard must not tell them from real ones: tails that are cut, or tones that wander only when nothing
    learns. Of each sound the batch's segment.
    """
    latent, learns = source(vae, batch.wave, batch.classes), vae.decoder.training
    vae.decoder.eval()
    wave = vae.decode(latent, batch.classes).wave
    vae.decoder.train(learns)
    wave = postprocess(wave, batch.wave.abs().amax(dim=1, keepdim=True), audio)
    if batch.segment is None:
        return wave
    return part_of(wave, batch.segment.start * vae.hop, batch.segment.samples)


def adversarial_loss(opinions: list[DiscriminatorOutput], settings: VaeGanSettings) -> Tensor:
    """How far discriminators are from taking sounds for real, of their opinions: a scalar."""
    return torch.stack([generator_objective(settings.objective, opinion.scores) for opinion in opinions]).mean()


def alike(
    discriminator: DiscriminatorSet, made: list[Tensor], real: Tensor, classes: Tensor
) -> tuple[list[list[DiscriminatorOutput]], list[DiscriminatorOutput]]:
    """Opinions of each batch that was made, and of the real one, without a gradient; phases shuffled alike in all."""
    before = torch.get_rng_state()
    mine = []
    for wave in made:
        torch.set_rng_state(before)
        mine.append(discriminator(wave, classes))
    torch.set_rng_state(before)
    with torch.no_grad():
        theirs = discriminator(real, classes)
    return mine, theirs


def spectral(vae: Vae, found: DecoderOutput, batch: Batch, settings: VaeGanSettings, sample_rate: int) -> Tensor:
    """What VAEs are trained by, of a batch and what became of it: a scalar."""
    at = drawn_resolutions(settings.terms)
    near = reconstruction_loss(found.wave, found.second, batch.real, settings.terms, sample_rate, at, batch.part)
    return near.mean() + settings.terms.noise_ratio * grain_distance(vae, found, batch.real, batch.wave)


def matched(
    first: list[DiscriminatorOutput], second: list[DiscriminatorOutput] | None, real: list[DiscriminatorOutput]
) -> Tensor:
    """Feature matching: a scalar.

    With a second rendering of the same latents the energy distance ½ (d(x, y) + d(x', y) - d(x, x')), in features as in
    spectra (vae_loss.reconstruction_loss): d(x, y) alone would ask for the mean of what a decoder's noise may be.
    """
    near = feature_distance(first, real)
    if second is not None:
        near = 0.5 * (near + feature_distance(second, real) - feature_distance(first, second))
    return near.mean()


def of_means(opinions: list[DiscriminatorOutput]) -> list[DiscriminatorOutput]:
    """The same with features that are means over the batch: [1, C, …]."""
    return [
        DiscriminatorOutput(of.scores, [feature.mean(dim=0, keepdim=True) for feature in of.features])
        for of in opinions
    ]
