"""Validation of a VAE in training: reconstruction and KL of sounds of unseen kits; errors for a collapsed training."""

from collections import defaultdict
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.spectral.transforms import to_wave
from drumspace.errors import UserError
from drumspace.metrics.generation.latent import active_units
from drumspace.synth.losses.kl import kl_loss
from drumspace.synth.losses.reconstruction import compute_spectra, distances, reconstruction_loss
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.models.vae.interface import DecoderOutput
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.training.vae.batches import Sounds
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.training.core.precision import autocast, device

SILENT = 1e-3
"""Mean peak below which decoded sounds are silent."""
MAX_SOUNDS = 96
"""Validation sounds, at most."""
NUM_PAIRS = 8
"""Reconstructions that are logged as audio."""


class TrainingCollapse(UserError):
    """The latents carry no information, or decoded sounds are silent."""


def noise_and_peaks_loss(network: nn.Module, decoded: DecoderOutput, real: Tensor, whole: Tensor) -> Tensor:
    """Mean difference of predicted and measured noise ratios and spectral peaks: scalar, 0 for decoders without them.

    real: the segment of the waves that was decoded, [B, n]; whole: the whole waves [B, T], on which peaks are measured.
    """
    if decoded.noise_ratio is None or decoded.spectral_peaks is None or decoded.log_magnitude is None:
        return real.new_zeros(())
    assert isinstance(network, Vae)
    decoder: Any = network.decoder
    noise = decoder.noise_ratio_estimator.distance(decoded.noise_ratio, decoded.wave, real)
    peaks = decoder.peakiness_estimator.distance(decoded.spectral_peaks, decoded.log_magnitude, whole)
    return (noise + peaks).mean()


def validation_rows(sounds: Sounds, seed: int) -> np.ndarray:
    """Rows of validation sounds, in an order drawn from the seed."""
    return np.random.default_rng(seed).permutation(sounds.validation)[:MAX_SOUNDS]


@torch.no_grad()
def reconstruction_pairs(network: nn.Module, sounds: Sounds, rows: np.ndarray) -> np.ndarray:
    """Sounds and their reconstructions from posterior means: float32 [n, 2, T]."""
    assert isinstance(network, Vae)
    wave = to_wave(sounds.pcm(rows)).to(device())
    weights = class_weights(sounds.classes[rows]).to(wave.device)
    with torch.random.fork_rng(devices=[]), autocast(wave.device):
        reconstructed = network.decode(network.encode(wave).mean, weights).wave.float()
    return torch.stack([wave, reconstructed], dim=1).clamp(-1, 1).cpu().numpy()


@torch.no_grad()
def validation_values(
    network: nn.Module, sounds: Sounds, rows: np.ndarray, settings: VaeSettings, sample_rate: int
) -> dict[str, float]:
    """Loss without warm-up, its terms, KL in all and by latent dimension, active units and peak of validation sounds.

    Posterior samples and decoder noise use the same random numbers each time, so that steps can be compared.
    """
    parts: dict[str, list[Tensor]] = defaultdict(list)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        for start in range(0, len(rows), settings.batch_size):
            batch = rows[start : start + settings.batch_size]
            for name, tensor in _batch_values(network, sounds, batch, settings, sample_rate).items():
                parts[name].append(tensor)
    values = {name: torch.cat(tensors) for name, tensors in parts.items()}
    kl, reconstruction, peak = values.pop("kl"), values.pop("reconstruction"), values.pop("peak")
    kl_by_unit = kl.mean(dim=0).cpu()
    mean_reconstruction = reconstruction.mean().item()
    return {
        "validation_loss": mean_reconstruction + kl_loss(kl, settings.kl, 1.0).item(),
        "validation_reconstruction": mean_reconstruction,
        **{f"validation_{name}": tensor.mean().item() for name, tensor in values.items()},
        "validation_kl": kl.sum(dim=1).mean().item(),
        "active_units": float(active_units(kl_by_unit.numpy())),
        "validation_peak": peak.mean().item(),
        **{f"kl_by_unit.{unit:03d}": value for unit, value in enumerate(kl_by_unit.tolist())},
    }


def _batch_values(
    network: nn.Module, sounds: Sounds, rows: np.ndarray, settings: VaeSettings, sample_rate: int
) -> dict[str, Tensor]:
    """Reconstruction loss, its terms, peak [B] and KL [B, d] of a batch of validation sounds."""
    terms = settings.terms
    wave = to_wave(sounds.pcm(rows)).to(device())
    weights = class_weights(sounds.classes[rows]).to(wave.device)
    with autocast(wave.device):
        posterior, decoded = network(wave, weights, terms.num_renderings == 2)
    noise_and_peaks = noise_and_peaks_loss(network, decoded, wave, wave)
    distance = reconstruction_loss(decoded.wave, decoded.second_rendering, wave, terms, sample_rate)
    generated, real = (compute_spectra(each, terms, sample_rate) for each in (decoded.wave, wave))
    return {
        "reconstruction": distance + terms.noise_ratio * noise_and_peaks,
        "noise_ratio": noise_and_peaks.expand(len(wave)),
        **distances(generated, real, terms, sample_rate),
        "kl": posterior.kl(),
        "peak": decoded.wave.abs().amax(dim=1),
    }


def check_collapse(values: dict[str, float], title: str, step: int) -> None:
    """Raise TrainingCollapse where no latent dimension is active or decoded sounds are silent."""
    if not values["active_units"]:
        raise TrainingCollapse(
            f"{title}: at step {step} no latent unit has a KL of more than half a nat (posterior collapse): "
            "lower kl.beta, or lengthen its warm_up."
        )
    if values["validation_peak"] < SILENT:
        raise TrainingCollapse(
            f"{title}: at step {step} the decoder is silent (mean peak {values['validation_peak']:.1e}): lower the "
            "learning rate, or check the weights of `terms`."
        )
