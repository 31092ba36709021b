"""What becomes of sounds of kits that a VAE does not learn from, while it learns; and the alarms that stop it."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.spectral.transforms import to_wave
from drumspace.errors import UserError
from drumspace.metrics.generation.latent import active_units
from drumspace.synth.losses.kl import kl_loss
from drumspace.synth.losses.reconstruction import distances, reconstruction_loss
from drumspace.synth.losses.reconstruction import listen as heard_of
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.models.vae.interface import DecoderOutput
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.training.vae.batches import Sounds
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.training.core.precision import autocast, device

SILENT = 1e-3
"""Peak under which a decoder's batch is silence."""
HELD = 96
"""Validation sounds that are measured, at most."""
HEARD = 8
"""Of these, those to hear."""


class Alarm(UserError):
    """Training has gone where no sound comes from."""


def grain_distance(network: nn.Module, found: DecoderOutput, real: Tensor, whole: Tensor) -> Tensor:
    """Mean distance of a decoder's noise and lines from those of real waves, as meters have them; 0 of one without.

    `real` is the part of the waves that was decoded, `whole` all of them: lines are told of whole sounds.
    """
    if found.share is None or found.lines is None or found.told is None:
        return real.new_zeros(())
    assert isinstance(network, Vae)
    decoder: Any = network.decoder
    grain = decoder.meter.distance(found.share, found.wave, real)
    return (grain + decoder.line_meter.distance(found.lines, found.told, whole)).mean()


def held_rows(sounds: Sounds, seed: int) -> np.ndarray:
    """Validation sounds that are measured, in an order drawn from the seed."""
    return np.random.default_rng(seed).permutation(sounds.validation)[:HELD]


@torch.no_grad()
def pairs_of(network: nn.Module, sounds: Sounds, rows: np.ndarray) -> np.ndarray:
    """float32 [n, 2, T]: sounds, and what their posteriors' means are decoded to."""
    assert isinstance(network, Vae)
    wave = to_wave(sounds.pcm(rows)).to(device())
    weights = class_weights(sounds.classes[rows]).to(wave.device)
    with torch.random.fork_rng(devices=[]), autocast(wave.device):
        made = network.decode(network.encode(wave).mean, weights).wave.float()
    return torch.stack([wave, made], dim=1).clamp(-1, 1).cpu().numpy()


@torch.no_grad()
def validation_of(
    network: nn.Module, sounds: Sounds, rows: np.ndarray, settings: VaeSettings, sample_rate: int
) -> dict[str, float]:
    """Loss without warm-up, reconstruction, its terms, nats of all and of each unit, active units, peak: of validation.

    The noise of posteriors and decoders is the same each time, so that steps can be told apart.
    """
    near, nats, peaks = [], [], []
    terms: dict[str, list[Tensor]] = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        for begin in range(0, len(rows), settings.batch_size):
            some = rows[begin : begin + settings.batch_size]
            wave = to_wave(sounds.pcm(some)).to(device())
            weights = class_weights(sounds.classes[some]).to(wave.device)
            with autocast(wave.device):
                posterior, found = network(wave, weights, settings.terms.num_renderings == 2)
            grain = grain_distance(network, found, wave, wave)
            distance = reconstruction_loss(found.wave, found.second, wave, settings.terms, sample_rate)
            near.append(distance + settings.terms.noise_ratio * grain)
            terms.setdefault("noise_ratio", []).append(grain.expand(len(wave)))
            heard, real = (heard_of(each, settings.terms, sample_rate) for each in (found.wave, wave))
            for name, value in distances(heard, real, settings.terms, sample_rate).items():
                terms.setdefault(name, []).append(value)
            nats.append(posterior.kl())
            peaks.append(found.wave.abs().amax(dim=1))
    of_each = torch.cat(nats)
    of_unit = of_each.mean(dim=0).cpu()
    reconstruction = torch.cat(near).mean().item()
    return {
        "validation_loss": reconstruction + kl_loss(of_each, settings.kl, 1.0).item(),
        "validation_reconstruction": reconstruction,
        **{f"validation_{name}": torch.cat(values).mean().item() for name, values in terms.items()},
        "validation_kl": of_each.sum(dim=1).mean().item(),
        "active_units": float(active_units(of_unit.numpy())),
        "validation_peak": torch.cat(peaks).mean().item(),
        **{f"kl_by_unit.{unit:03d}": value for unit, value in enumerate(of_unit.tolist())},
    }


def raise_alarm(values: dict[str, float], title: str, step: int) -> None:
    """Stop where latents or sounds are gone. Raises Alarm."""
    if not values["active_units"]:
        raise Alarm(
            f"{title}: at step {step} no latent unit says more than half a nat of its sound (posterior collapse): "
            "lower kl.beta, or lengthen its warm_up."
        )
    if values["validation_peak"] < SILENT:
        raise Alarm(
            f"{title}: at step {step} the decoder is silent (mean peak {values['validation_peak']:.1e}): lower the "
            "learning rate, or look at the weights of `terms`."
        )
