"""What a VAE is trained by: distances between waves, each term with its weight, and the divergence of its latents."""

from typing import Literal, NamedTuple, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor

from drumspace.audio.params import MelParams
from drumspace.audio.spectral import POWER_FLOOR as MEL_FLOOR
from drumspace.audio.spectral import mel_power
from drumspace.params import Params
from drumspace.synth.losses import RESOLUTIONS, magnitudes

ONSET_SECONDS = 0.05
"""A drum's character lies in its beginning."""
MEL = MelParams(n_fft=1024, hop_length=256, floor_db=-80, n_mels=80, fmin=20, fmax=None)


class Terms(Params):
    """Weights of the terms; 0 leaves a term out."""

    sing_log: float = Field(ge=0)
    """|log(1 + |Y|²) - log(1 + |X|²)|: SING's, and the thesis's chapter 9."""
    log_magnitude: float = Field(ge=0)
    """|log |Y| - log |X||: the thesis's equation 5.2."""
    spectral_convergence: float = Field(ge=0)
    """‖|Y| - |X|‖ / ‖|Y|‖ of each clip: the thesis's equation 5.1."""
    mel: float = Field(ge=0)
    """|log - log| of 80 mel bands."""
    l1: float = Field(ge=0)
    """|y - x| of samples: the thesis's bad example."""
    l2: float = Field(ge=0)
    """(y - x)² of samples."""
    onset: float = Field(ge=1)
    """How many times as much the first 50 ms count."""
    draws: Literal[1, 2]
    """Renderings of a latent that are compared. 2: the energy distance, which a decoder's noise does not pay for."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        weights = (self.sing_log, self.log_magnitude, self.spectral_convergence, self.mel, self.l1, self.l2)
        if not any(weights):
            raise ValueError("one term at least must have a weight")
        return self


class Heard(NamedTuple):
    """What the terms compare of waves [B, T]; an empty list, or None, of what no term asks for."""

    wave: Tensor
    magnitudes: list[Tensor]
    """At each of RESOLUTIONS, [B, bins, frames]."""
    logs: list[Tensor]
    """Of them."""
    log_mel: Tensor | None
    """Half the logarithm of the power in mel bands, [B, bands, frames]."""


def listen(wave: Tensor, terms: Terms, sample_rate: int) -> Heard:
    """Transform waves [B, T] once, however often they are compared."""
    spectral = terms.sing_log or terms.log_magnitude or terms.spectral_convergence
    mel = 0.5 * mel_power(wave.float(), sample_rate, MEL).clamp(min=MEL_FLOOR).log() if terms.mel else None
    found = magnitudes(wave) if spectral else []
    return Heard(wave, found, [value.log() for value in found] if terms.log_magnitude else [], mel)


def distances(generated: Heard, real: Heard, terms: Terms, sample_rate: int) -> dict[str, Tensor]:
    """The terms that have a weight, each [B]; the spectral ones are means over RESOLUTIONS."""
    found: dict[str, Tensor] = {}
    each = [_spectral(generated, real, place, terms, sample_rate) for place in range(len(real.magnitudes))]
    if each:
        found |= {name: torch.stack([one[name] for one in each]).mean(dim=0) for name in each[0]}
    if generated.log_mel is not None and real.log_mel is not None:
        weights = _frame_weights(real.log_mel.shape[-1], MEL.hop_length, terms.onset, sample_rate, real.wave.device)
        found["mel"] = ((real.log_mel - generated.log_mel).abs().mean(dim=1) * weights).mean(dim=1)
    if terms.l1 or terms.l2:
        difference = real.wave - generated.wave
        weights = _frame_weights(difference.shape[1], 1, terms.onset, sample_rate, difference.device)
        if terms.l1:
            found["l1"] = (difference.abs() * weights).mean(dim=1)
        if terms.l2:
            found["l2"] = (difference.square() * weights).mean(dim=1)
    return found


def distance(generated: Heard, real: Heard, terms: Terms, sample_rate: int) -> Tensor:
    """Weighted sum of `distances`. [B]."""
    weights = terms.model_dump()
    found = distances(generated, real, terms, sample_rate)
    return torch.stack([weights[name] * value for name, value in found.items()]).sum(dim=0)


def reconstruction_loss(first: Tensor, second: Tensor | None, real: Tensor, terms: Terms, sample_rate: int) -> Tensor:
    """d(x, y), or with a second rendering x' of the same latent ½ (d(x, y) + d(x', y) - d(x, x')); waves [B, T]. [B].

    The latter is the spectral energy distance (Gritsenko, Salimans et al. 2020): its mean is least where renderings
    are spread as real sounds are. With d(x, y) alone noise, which no one can foresee, would cost more than a smooth
    spectrum.
    """
    x, y = listen(first, terms, sample_rate), listen(real, terms, sample_rate)
    near = distance(x, y, terms, sample_rate)
    if second is None:
        return near
    other = listen(second, terms, sample_rate)
    return 0.5 * (near + distance(other, y, terms, sample_rate) - distance(x, other, terms, sample_rate))


class Divergence(Params):
    """How the divergence of the latents from N(0, 1) enters the loss."""

    kind: Literal["beta", "cyclic", "free_bits", "capacity"]
    beta: float = Field(ge=0)
    """Its weight, at the end of the warm-up."""
    warm_up: float = Field(ge=0, le=1)
    """Share of the steps (`cyclic`: of each cycle) in which the weight rises from 0."""
    cycles: int = Field(ge=1)
    """Of `cyclic` (Fu et al. 2019)."""
    free_nats: float = Field(ge=0)
    """Of `free_bits`: what a dimension may say of a sound for nothing (Kingma et al. 2016)."""
    capacity: float = Field(ge=0)
    """Of `capacity`: nats a sound that are aimed at, from 0 at the beginning (Burgess et al. 2018)."""


def divergence(nats: Tensor, settings: Divergence, progress: float) -> Tensor:
    """The term of the loss: a scalar, of nats [B, d] at `progress` in [0, 1] of the training."""
    place = progress
    if settings.kind == "cyclic":
        place = (progress * settings.cycles) % 1 if progress < 1 else 1.0
    rise = min(1.0, place / settings.warm_up) if settings.warm_up else 1.0
    weight = settings.beta * rise
    if settings.kind == "free_bits":
        # Over the batch's mean: a dimension is free on average, not for each sound.
        return weight * nats.mean(dim=0).clamp(min=settings.free_nats).sum()
    if settings.kind == "capacity":
        return settings.beta * (nats.sum(dim=1).mean() - rise * settings.capacity).abs()
    return weight * nats.sum(dim=1).mean()


def _spectral(generated: Heard, real: Heard, place: int, terms: Terms, sample_rate: int) -> dict[str, Tensor]:
    """The spectral terms at one of RESOLUTIONS."""
    x, y = generated.magnitudes[place], real.magnitudes[place]
    weights = _frame_weights(y.shape[-1], RESOLUTIONS[place].hop_length, terms.onset, sample_rate, y.device)
    found: dict[str, Tensor] = {}
    if terms.sing_log:
        found["sing_log"] = ((y.square().log1p() - x.square().log1p()).abs().mean(dim=1) * weights).mean(dim=1)
    if terms.log_magnitude:
        difference = (real.logs[place] - generated.logs[place]).abs()
        found["log_magnitude"] = (difference.mean(dim=1) * weights).mean(dim=1)
    if terms.spectral_convergence:
        # Squares summed over bins first: frames are weighted, and there are far fewer of them.
        wrong, all_ = ((value.square().sum(dim=1) @ weights + 1e-12).sqrt() for value in (y - x, y))
        found["spectral_convergence"] = wrong / all_
    return found


def _frame_weights(frames: int, hop_length: int, onset: float, sample_rate: int, device: torch.device) -> Tensor:
    """Of frames (or samples) from the beginning on: [frames], mean 1."""
    begins = torch.arange(frames, device=device) * hop_length < ONSET_SECONDS * sample_rate
    weights = torch.where(begins, onset, 1.0)
    return weights / weights.mean()
