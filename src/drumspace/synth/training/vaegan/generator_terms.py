"""Terms of the generator's loss that strategies share, and the samples that discriminators see."""

import torch
from torch import Tensor

from drumspace.audio.format.settings import AudioParams
from drumspace.synth.dsp.postprocess import postprocess
from drumspace.synth.losses.adversarial import feature_distance, generator_objective
from drumspace.synth.losses.reconstruction import reconstruction_loss, sample_resolutions
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.discriminator.output import DiscriminatorOutput
from drumspace.synth.models.vae.interface import DecoderOutput, extract_segments
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.latent_sources import LatentSource
from drumspace.synth.training.vae.batches import Batch
from drumspace.synth.training.vae.validation import noise_and_peaks_loss
from drumspace.synth.training.vaegan.settings import VaeGanSettings

Logs = dict[str, float]
"""Scalars to log this step: loss term name → value."""

Outputs = list[DiscriminatorOutput]
"""Outputs of all discriminators for one batch."""


def decode_latents(vae: Vae, source: LatentSource, batch: Batch) -> Tensor:
    """Decode latents from `source` with the classes and segments of the batch: waves [B, T]."""
    return vae.decode(source(vae, batch.wave, batch.classes), batch.classes, segment=batch.segment).wave


def decode_postprocessed(vae: Vae, source: LatentSource, batch: Batch, audio: AudioParams) -> Tensor:
    """Decode latents from `source` as in use: in evaluation mode, normalised to the real peaks, faded out.

    Returns the batch's segment of each wave, [B, T]. Discriminators must not detect samples by what post-processing
    removes: cut tails, or tones without detuning.
    """
    latent, is_training = source(vae, batch.wave, batch.classes), vae.decoder.training
    vae.decoder.eval()
    wave = vae.decode(latent, batch.classes).wave
    vae.decoder.train(is_training)
    wave = postprocess(wave, batch.wave.abs().amax(dim=1, keepdim=True), audio)
    if batch.segment is None:
        return wave
    return extract_segments(wave, batch.segment.start * vae.hop, batch.segment.samples)


def adversarial_loss(outputs: Outputs, settings: VaeGanSettings) -> Tensor:
    """Generator objective, mean over the stacks of all discriminators: scalar."""
    return torch.stack([generator_objective(settings.objective, output.logits) for output in outputs]).mean()


def paired_forward(
    discriminator: DiscriminatorSet, generated: list[Tensor], real: Tensor, classes: Tensor
) -> tuple[list[Outputs], Outputs]:
    """Outputs for each generated batch [B, T], and for the real one without gradient, all with one random state.

    The random state makes WaveGAN's phase shuffle the same for all, so that feature maps can be compared.
    """
    state = torch.get_rng_state()
    outputs = []
    for wave in generated:
        torch.set_rng_state(state)
        outputs.append(discriminator(wave, classes))
    torch.set_rng_state(state)
    with torch.no_grad():
        real_outputs = discriminator(real, classes)
    return outputs, real_outputs


def spectral_loss(vae: Vae, decoded: DecoderOutput, batch: Batch, settings: VaeGanSettings, sample_rate: int) -> Tensor:
    """Reconstruction loss of a VAE's training, with noise ratio and spectral peaks: scalar."""
    distance = reconstruction_loss(
        decoded.wave,
        decoded.second_rendering,
        batch.real,
        settings.terms,
        sample_rate,
        sample_resolutions(settings.terms),
        batch.info,
    )
    noise_and_peaks = noise_and_peaks_loss(vae, decoded, batch.real, batch.wave)
    return distance.mean() + settings.terms.noise_ratio * noise_and_peaks


def feature_matching_loss(first: Outputs, second: Outputs | None, real: Outputs) -> Tensor:
    """Distance of feature maps: scalar.

    With a second rendering of the same latents, the energy distance ½ (d(x, y) + d(x', y) - d(x, x')), as in
    synth.losses.reconstruction.reconstruction_loss: d(x, y) alone is least for the mean of all renderings.
    """
    distance = feature_distance(first, real)
    if second is not None:
        distance = 0.5 * (distance + feature_distance(second, real) - feature_distance(first, second))
    return distance.mean()


def batch_means(outputs: Outputs) -> Outputs:
    """The outputs with feature maps averaged over the batch: [1, C, …]."""
    return [
        DiscriminatorOutput(output.logits, [feature.mean(dim=0, keepdim=True) for feature in output.feature_maps])
        for output in outputs
    ]
