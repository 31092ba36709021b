"""What a VAE is trained by: distances between waves, each term with its weight."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor
from torchaudio.functional import melscale_fbanks

from drumspace.audio.spectral.transforms import POWER_FLOOR as MEL_FLOOR
from drumspace.io.settings import Params
from drumspace.synth.losses.stft import RESOLUTIONS, Resolution, magnitudes

ONSET_SECONDS = 0.05
"""A drum's character lies in its beginning."""
MEL = Resolution(2048, 512, 2048)
BANDS = 80


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
    noise_ratio: float = Field(ge=0)
    """|share - share| of noise, and the same of lines, of a decoder that draws both (synth/grain.py, lines.py)."""
    onset: float = Field(ge=1)
    """How many times as much the first 50 ms count."""
    num_renderings: Literal[1, 2]
    """Renderings of a latent that are compared. 2: the energy distance, which a decoder's noise does not pay for."""
    resolutions: int = Field(ge=1, le=len(RESOLUTIONS))
    """Of the three, so many, drawn anew each step: the same loss on average, and most of a step's time is its."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        weights = (self.sing_log, self.log_magnitude, self.spectral_convergence, self.mel, self.l1, self.l2)
        if not any(weights):
            raise ValueError("one term at least must have a weight")
        return self


class Part(NamedTuple):
    """Of which part of a sound waves are, and what of the whole a part must know."""

    begin: Tensor
    """int [B]: the part's first sample."""
    total: int
    """Samples of the whole."""
    energy: Tensor
    """[B]: sum of squares of the whole real sound."""


class Heard(NamedTuple):
    """What the terms compare of waves [B, T]; an empty list, or None, of what no term asks for."""

    wave: Tensor
    magnitudes: dict[Resolution, Tensor]
    """[B, bins, frames] at each resolution."""
    logs: dict[Resolution, Tensor]
    """Of them."""
    log_mel: Tensor | None
    """Half the logarithm of the power in mel bands, [B, bands, frames]."""


def drawn_resolutions(terms: Terms) -> list[Resolution]:
    """Some of RESOLUTIONS, from torch's generator."""
    return [RESOLUTIONS[place] for place in torch.randperm(len(RESOLUTIONS))[: terms.resolutions].tolist()]


def listen(wave: Tensor, terms: Terms, sample_rate: int, resolutions: Sequence[Resolution] = RESOLUTIONS) -> Heard:
    """Transform waves [B, T] once, however often they are compared."""
    spectral = terms.sing_log or terms.log_magnitude or terms.spectral_convergence
    mel = log_mel(wave, sample_rate) if terms.mel else None
    found = dict(zip(resolutions, magnitudes(wave, resolutions), strict=True)) if spectral else {}
    logs = {at: value.log() for at, value in found.items()} if terms.log_magnitude else {}
    return Heard(wave, found, logs, mel)


def log_mel(wave: Tensor, sample_rate: int) -> Tensor:
    """Half the natural logarithm of the power in mel bands: [B, T] → [B, BANDS, frames]."""
    (magnitude,) = magnitudes(wave, [MEL])
    return 0.5 * (_bank(sample_rate).to(magnitude) @ magnitude.square()).clamp(min=MEL_FLOOR).log()


@lru_cache(maxsize=4)
def _bank(sample_rate: int) -> Tensor:
    """Triangles at equal steps of 2595 log10(1 + f / 700), each of area 1: [BANDS, bins]."""
    bins = MEL.n_fft // 2 + 1
    return melscale_fbanks(bins, 20, sample_rate / 2, BANDS, sample_rate, norm="slaney", mel_scale="htk").T.contiguous()


def distances(
    generated: Heard,
    real: Heard,
    terms: Terms,
    sample_rate: int,
    part: Part | None = None,
    scale: Heard | None = None,
) -> dict[str, Tensor]:
    """The terms that have a weight, each [B]; the spectral ones are means over the resolutions.

    Spectral convergence is relative to the level of `scale`, by default `real`: distances from and between renderings
    of one sound are in one measure where it is the sound for all of them.
    """
    found: dict[str, Tensor] = {}
    scale = scale or real
    each = [_spectral(generated, real, scale, at, terms, sample_rate, part) for at in real.magnitudes]
    if each:
        found |= {name: torch.stack([one[name] for one in each]).mean(dim=0) for name in each[0]}
    if generated.log_mel is not None and real.log_mel is not None:
        gap = real.log_mel - generated.log_mel
        found["mel"] = (gap.abs().mean(dim=1) * _weights(gap, MEL.hop_length, terms, sample_rate, part)).mean(dim=1)
    if terms.l1 or terms.l2:
        difference = real.wave - generated.wave
        weights = _weights(difference, 1, terms, sample_rate, part)
        if terms.l1:
            found["l1"] = (difference.abs() * weights).mean(dim=1)
        if terms.l2:
            found["l2"] = (difference.square() * weights).mean(dim=1)
    return found


def distance(
    generated: Heard,
    real: Heard,
    terms: Terms,
    sample_rate: int,
    part: Part | None = None,
    scale: Heard | None = None,
) -> Tensor:
    """Weighted sum of `distances`. [B]."""
    weights = terms.model_dump()
    found = distances(generated, real, terms, sample_rate, part, scale)
    return torch.stack([weights[name] * value for name, value in found.items()]).sum(dim=0)


def reconstruction_loss(
    first: Tensor,
    second: Tensor | None,
    real: Tensor,
    terms: Terms,
    sample_rate: int,
    resolutions: Sequence[Resolution] = RESOLUTIONS,
    part: Part | None = None,
) -> Tensor:
    """d(x, y), or with a second rendering x' of the same latent ½ (d(x, y) + d(x', y) - d(x, x')); waves [B, T]. [B].

    The latter is the spectral energy distance (Gritsenko, Salimans et al. 2020): its mean is least where renderings
    are spread as real sounds are. With d(x, y) alone noise, which no one can foresee, would cost more than a smooth
    spectrum.
    """
    x, y = (listen(wave, terms, sample_rate, resolutions) for wave in (first, real))
    near = distance(x, y, terms, sample_rate, part)
    if second is None:
        return near
    other = listen(second, terms, sample_rate, resolutions)
    near = near + distance(other, y, terms, sample_rate, part)
    return 0.5 * (near - distance(x, other, terms, sample_rate, part, scale=y))


def _spectral(
    generated: Heard, real: Heard, scale: Heard, at: Resolution, terms: Terms, sample_rate: int, part: Part | None
) -> dict[str, Tensor]:
    """The spectral terms at one resolution."""
    x, y = generated.magnitudes[at], real.magnitudes[at]
    weights = _weights(y, at.hop_length, terms, sample_rate, part)
    found: dict[str, Tensor] = {}
    if terms.sing_log:
        found["sing_log"] = ((y.square().log1p() - x.square().log1p()).abs().mean(dim=1) * weights).mean(dim=1)
    if terms.log_magnitude:
        difference = (real.logs[at] - generated.logs[at]).abs()
        found["log_magnitude"] = (difference.mean(dim=1) * weights).mean(dim=1)
    if terms.spectral_convergence:
        # Squares summed over bins first: frames are weighted, and there are far fewer of them.
        wrong = ((y - x).square().sum(dim=1) * weights).sum(dim=1)
        if part is None:
            norm = (scale.magnitudes[at].square().sum(dim=1) * weights).sum(dim=1)
        else:
            # Of the whole sound, by Parseval's theorem: beside a part that is silent any whisper would be infinite.
            norm = part.energy * (at.n_fft / 2) * torch.hann_window(at.window).square().sum().item() / at.hop_length
        found["spectral_convergence"] = ((wrong + 1e-12) / (norm + 1e-12)).sqrt()
    return found


def _weights(values: Tensor, hop_length: int, terms: Terms, sample_rate: int, part: Part | None) -> Tensor:
    """Of frames (or samples), the last axis of `values`, from the beginning on: [frames] or [B, frames].

    Their mean over a whole sound is 1.
    """
    place = torch.arange(values.shape[-1], device=values.device) * hop_length
    end = ONSET_SECONDS * sample_rate
    if part is None:
        weights = torch.where(place < end, terms.onset, 1.0)
        return weights / weights.mean()
    share = min(1.0, end / part.total)
    return torch.where(part.begin[:, None] + place < end, terms.onset, 1.0) / (1 + (terms.onset - 1) * share)
