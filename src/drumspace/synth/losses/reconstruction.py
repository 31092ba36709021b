"""Reconstruction losses of a VAE: distances between waves, each with its weight, and the spectral energy distance."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor

from drumspace.audio.spectral.transforms import POWER_FLOOR as MEL_FLOOR
from drumspace.audio.spectral.transforms import mel_weights
from drumspace.io.settings import Params
from drumspace.synth.losses.stft import RESOLUTIONS, Resolution, magnitudes

ONSET_SECONDS = 0.05
"""Length of the onset, which carries most of a drum's character."""
MEL = Resolution(2048, 512, 2048)
BANDS = 80


class Terms(Params):
    """Weights of the loss terms; 0 leaves a term out."""

    sing_log: float = Field(ge=0)
    """|log(1 + |Y|²) - log(1 + |X|²)|: the loss of SING, and of the thesis's chapter 9."""
    log_magnitude: float = Field(ge=0)
    """|log |Y| - log |X||: the thesis's equation 5.2."""
    spectral_convergence: float = Field(ge=0)
    """‖|Y| - |X|‖ / ‖|Y|‖ of each clip: the thesis's equation 5.1."""
    mel: float = Field(ge=0)
    """Absolute difference of log magnitudes in 80 mel bands."""
    l1: float = Field(ge=0)
    """|y - x| of samples."""
    l2: float = Field(ge=0)
    """(y - x)² of samples."""
    noise_ratio: float = Field(ge=0)
    """Difference of predicted and measured noise ratios and spectral peaks, for decoders that predict them
    (synth/dsp/noise_ratio.py, spectral_peaks.py)."""
    onset: float = Field(ge=1)
    """Weight of the first 50 ms, relative to the rest."""
    num_renderings: Literal[1, 2]
    """Renderings of a latent that are compared. 2: the energy distance, which does not penalise decoder noise."""
    resolutions: int = Field(ge=1, le=len(RESOLUTIONS))
    """STFT resolutions of a step, drawn at random from the three: the same loss on average, in less time."""

    @model_validator(mode="after")
    def _has_a_weight(self) -> Self:
        weights = (self.sing_log, self.log_magnitude, self.spectral_convergence, self.mel, self.l1, self.l2)
        if not any(weights):
            raise ValueError("at least one term must have a weight")
        return self


class SegmentInfo(NamedTuple):
    """Position of segments in their sounds, and the energy of the sounds."""

    start: Tensor
    """int [B]: first sample of each segment."""
    total: int
    """Samples of a whole sound."""
    energy: Tensor
    """[B]: sum of squares of the whole real sound."""


class Spectra(NamedTuple):
    """Waves [B, T] and their transforms; those that no term needs are left empty."""

    wave: Tensor
    magnitudes: dict[Resolution, Tensor]
    """[B, bins, frames] at each resolution."""
    log_magnitudes: dict[Resolution, Tensor]
    """Natural logarithms of the magnitudes."""
    log_mel: Tensor | None
    """Half the natural logarithm of the power in mel bands, [B, bands, frames]."""


def sample_resolutions(terms: Terms) -> list[Resolution]:
    """`terms.resolutions` of the three RESOLUTIONS, drawn with torch's generator."""
    return [RESOLUTIONS[index] for index in torch.randperm(len(RESOLUTIONS))[: terms.resolutions].tolist()]


def compute_spectra(
    wave: Tensor, terms: Terms, sample_rate: int, resolutions: Sequence[Resolution] = RESOLUTIONS
) -> Spectra:
    """Transform waves [B, T] once for all comparisons."""
    spectral = terms.sing_log or terms.log_magnitude or terms.spectral_convergence
    mel = log_mel(wave, sample_rate) if terms.mel else None
    values = dict(zip(resolutions, magnitudes(wave, resolutions), strict=True)) if spectral else {}
    logs = {resolution: value.log() for resolution, value in values.items()} if terms.log_magnitude else {}
    return Spectra(wave, values, logs, mel)


def log_mel(wave: Tensor, sample_rate: int) -> Tensor:
    """Half the natural logarithm of the power in mel bands: [B, T] → [B, BANDS, frames]."""
    (magnitude,) = magnitudes(wave, [MEL])
    bank = mel_weights(sample_rate, MEL.n_fft, BANDS, fmin=20, device=wave.device).to(magnitude.dtype)
    return 0.5 * (bank @ magnitude.square()).clamp(min=MEL_FLOOR).log()


def distances(
    generated: Spectra,
    real: Spectra,
    terms: Terms,
    sample_rate: int,
    segment: SegmentInfo | None = None,
    reference: Spectra | None = None,
) -> dict[str, Tensor]:
    """Each term that has a weight, [B]; spectral terms are means over the resolutions.

    Spectral convergence is relative to the level of `reference`, by default `real`. With the real sound as reference
    of all distances between and from renderings, they have one unit.
    """
    values: dict[str, Tensor] = {}
    reference = reference or real
    each = [
        _spectral_distances(generated, real, reference, resolution, terms, sample_rate, segment)
        for resolution in real.magnitudes
    ]
    if each:
        values |= {name: torch.stack([one[name] for one in each]).mean(dim=0) for name in each[0]}
    if generated.log_mel is not None and real.log_mel is not None:
        difference = real.log_mel - generated.log_mel
        weights = _frame_weights(difference, MEL.hop_length, terms, sample_rate, segment)
        values["mel"] = (difference.abs().mean(dim=1) * weights).mean(dim=1)
    if terms.l1 or terms.l2:
        difference = real.wave - generated.wave
        weights = _frame_weights(difference, 1, terms, sample_rate, segment)
        if terms.l1:
            values["l1"] = (difference.abs() * weights).mean(dim=1)
        if terms.l2:
            values["l2"] = (difference.square() * weights).mean(dim=1)
    return values


def distance(
    generated: Spectra,
    real: Spectra,
    terms: Terms,
    sample_rate: int,
    segment: SegmentInfo | None = None,
    reference: Spectra | None = None,
) -> Tensor:
    """Weighted sum of `distances`. [B]."""
    weights = terms.model_dump()
    values = distances(generated, real, terms, sample_rate, segment, reference)
    return torch.stack([weights[name] * value for name, value in values.items()]).sum(dim=0)


def reconstruction_loss(
    first: Tensor,
    second: Tensor | None,
    real: Tensor,
    terms: Terms,
    sample_rate: int,
    resolutions: Sequence[Resolution] = RESOLUTIONS,
    segment: SegmentInfo | None = None,
) -> Tensor:
    """d(x, y), or with a second rendering x' of the same latent ½ (d(x, y) + d(x', y) - d(x, x')); waves [B, T] → [B].

    The latter is the spectral energy distance (Gritsenko, Salimans et al. 2020), whose expectation is least where
    renderings are distributed as real sounds are. With d(x, y) alone unpredictable noise would cost more than a smooth
    spectrum.
    """
    x, y = (compute_spectra(wave, terms, sample_rate, resolutions) for wave in (first, real))
    loss = distance(x, y, terms, sample_rate, segment)
    if second is None:
        return loss
    other = compute_spectra(second, terms, sample_rate, resolutions)
    loss = loss + distance(other, y, terms, sample_rate, segment)
    return 0.5 * (loss - distance(x, other, terms, sample_rate, segment, reference=y))


def _spectral_distances(
    generated: Spectra,
    real: Spectra,
    reference: Spectra,
    resolution: Resolution,
    terms: Terms,
    sample_rate: int,
    segment: SegmentInfo | None,
) -> dict[str, Tensor]:
    """The spectral terms at one resolution, [B] each."""
    x, y = generated.magnitudes[resolution], real.magnitudes[resolution]
    weights = _frame_weights(y, resolution.hop_length, terms, sample_rate, segment)
    values: dict[str, Tensor] = {}
    if terms.sing_log:
        values["sing_log"] = ((y.square().log1p() - x.square().log1p()).abs().mean(dim=1) * weights).mean(dim=1)
    if terms.log_magnitude:
        difference = (real.log_magnitudes[resolution] - generated.log_magnitudes[resolution]).abs()
        values["log_magnitude"] = (difference.mean(dim=1) * weights).mean(dim=1)
    if terms.spectral_convergence:
        # Sum over bins before weighting: there are far fewer frames than values.
        error = ((y - x).square().sum(dim=1) * weights).sum(dim=1)
        if segment is None:
            norm = (reference.magnitudes[resolution].square().sum(dim=1) * weights).sum(dim=1)
        else:
            # Norm of the whole sound, by Parseval's theorem: relative to a silent segment any error would be infinite.
            window = torch.hann_window(resolution.window).square().sum().item()
            norm = segment.energy * (resolution.n_fft / 2) * window / resolution.hop_length
        values["spectral_convergence"] = ((error + 1e-12) / (norm + 1e-12)).sqrt()
    return values


def _frame_weights(
    values: Tensor, hop_length: int, terms: Terms, sample_rate: int, segment: SegmentInfo | None
) -> Tensor:
    """Onset weights of the frames (or samples) in the last axis of `values`: [frames] or [B, frames].

    Their mean over a whole sound is 1.
    """
    position = torch.arange(values.shape[-1], device=values.device) * hop_length
    end = ONSET_SECONDS * sample_rate
    if segment is None:
        weights = torch.where(position < end, terms.onset, 1.0)
        return weights / weights.mean()
    share = min(1.0, end / segment.total)
    return torch.where(segment.start[:, None] + position < end, terms.onset, 1.0) / (1 + (terms.onset - 1) * share)
