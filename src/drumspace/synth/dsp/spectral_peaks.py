"""Spectral peaks: how far partials stand out of a sound's spectral envelope, by band.

The frequencies of partials of hats and cymbals are unpredictable, their height is not. A distance between waves
penalises each partial at a wrong frequency, so the height is measured in real sounds and trained on directly, as the
noise ratio is.
"""

import math

import torch
from torch import Tensor, nn

from drumspace.audio.spectral.stft import stft_magnitude

SOUNDING = 6.0
"""Frames count if their loudest bin is at most this far below the sound's loudest bin, nepers."""
MIN_SENSITIVITY = 0.25
"""Smallest share of the variance of peaks that a band is assumed to measure: narrower bands have too few bins."""
FLOOR = 1e-4
"""Magnitude of silence."""


def random_peaks(count: int, bins: int, generator: torch.Generator | None = None) -> Tensor:
    """Random peaks of variance 1, smoothed over neighbouring bins as by a Hann window: [count, bins]."""
    noise = torch.randn(count, bins + 2, generator=generator)
    return (noise[:, :-2] + 2 * noise[:, 1:-1] + noise[:, 2:]) / math.sqrt(6)


class PeakinessEstimator(nn.Module):
    """Standard deviation of bin levels around the spectral envelope, nepers, by band: waves [B, T] → [B, bands]."""

    bank: Tensor
    chance: Tensor
    sensitivity: Tensor

    def __init__(self, n_fft: int, hop_length: int, bank: Tensor) -> None:
        """bank: filterbank [bands, bins] with columns of sum 1."""
        super().__init__()
        self.n_fft, self.hop_length = n_fft, hop_length
        self.register_buffer("bank", bank, persistent=False)
        generator = torch.Generator().manual_seed(0)
        # In narrow bands the envelope is biased by the peak itself.
        sensitivity = self._variance(random_peaks(64, bank.shape[1], generator)).mean(dim=0)
        self.register_buffer("sensitivity", sensitivity, persistent=False)
        level, _ = self.log_magnitudes(torch.randn(16, 64 * hop_length, generator=generator))
        # White noise has peaks too, the higher the fewer frames are averaged.
        chance = self._variance(level.mean(dim=1)).mean(dim=0) * level.shape[1]
        self.register_buffer("chance", chance, persistent=False)

    def log_magnitudes(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """Log magnitudes [B, frames, bins], and a mask of sounding frames, 1 or 0, [B, frames, 1]."""
        level = stft_magnitude(wave, self.n_fft, self.hop_length, FLOOR**2).log().transpose(1, 2)
        loudest = level.amax(dim=2, keepdim=True)
        return level, (loudest > loudest.amax(dim=1, keepdim=True) - SOUNDING).float()

    def _variance(self, level: Tensor) -> Tensor:
        """Variance of levels [B, bins] around their envelope, by band: [B, bands]."""
        weights = self.bank / self.bank.sum(dim=1, keepdim=True)
        envelope = (level @ weights.T) @ self.bank
        return (level - envelope).square() @ weights.T

    @torch.no_grad()
    def forward(self, wave: Tensor, log_magnitude: Tensor | float = 0.0) -> Tensor:
        """Peaks of waves beyond those in `log_magnitude` [B, frames, bins], less those of noise: [B, bands]."""
        level, mask = self.log_magnitudes(wave)
        count = mask.sum(dim=1)
        residual = ((level - log_magnitude) * mask).sum(dim=1) / count
        variance = (self._variance(residual) - self.chance / count).clamp(min=0)
        return (variance / self.sensitivity.clamp(min=MIN_SENSITIVITY)).sqrt()

    def distance(self, spectral_peaks: Tensor, log_magnitude: Tensor, wave: Tensor) -> Tensor:
        """Mean absolute error over bands of predicted peaks [B, bands] beyond those in `log_magnitude`: [B]."""
        return (spectral_peaks - self(wave, log_magnitude)).abs().mean(dim=1)
