"""Noise ratio (aperiodicity) of a sound by band, measured from the phases of its STFT.

No distance between waves determines how much noise a decoder should generate: a distance that tolerates noise (two
renderings) also prefers noise to a tone at a wrong frequency, and one that does not prefers tones to noise. So the
noise ratio is measured alike in real and in decoded sounds, and the decoder's noise ratio is trained until both agree.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from drumspace.audio.spectral.stft import stft

LAG = 3
"""Frames between compared phases: at a hop of a quarter of the window these frames share hardly any sample."""
POOL = 5
"""Frames over which phase agreement is averaged."""
QUIET = 1e-3
"""Level, relative to a clip's loudest band, below which a band has little weight."""


def tone_offset(log_magnitude: Tensor) -> Tensor:
    """Offset of a tone from the centre of its bin, in bins, -1 to 2 or -2 to 1: [B, frames, bins].

    Exact for one tone under a Hann window: (2 r - 1) / (r + 1), r the ratio of the larger neighbour to the bin
    (Grandke 1983). With it phases follow from magnitudes alone: the time step of phase gradient heap integration
    (Průša, Balazs and Søndergaard 2017).
    """
    padded = functional.pad(log_magnitude, (1, 1), value=-100.0)
    below, above = padded[..., :-2], padded[..., 2:]
    # In place: memory traffic dominates this computation over all bins.
    ratio = torch.maximum(below, above).sub_(log_magnitude).clamp_(max=20).exp_()
    offset = ratio.add_(1).reciprocal_().mul_(-3).add_(2)
    return offset.mul_(torch.copysign(torch.ones(()).to(offset), above - below))


class NoiseRatioEstimator(nn.Module):
    """Noise ratio and level of waves by band: [B, T] → two tensors [B, 1 + T // hop, bands]."""

    bank: Tensor
    chance: Tensor

    def __init__(self, n_fft: int, hop_length: int, bank: Tensor) -> None:
        """bank: filterbank [bands, bins]."""
        super().__init__()
        self.n_fft, self.hop_length = n_fft, hop_length
        self.register_buffer("bank", bank, persistent=False)
        noise = torch.randn(8, 64 * hop_length, generator=torch.Generator().manual_seed(0))
        # In bands of few bins phases agree by chance: measure the chance level on white noise.
        self.register_buffer("chance", self.phase_agreement(noise)[0].mean(dim=(0, 1)), persistent=False)

    def phase_agreement(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """Agreement in [0, 1] of phases with those predicted from LAG frames earlier, and level: [B, frames, bands]."""
        spectrum = stft(wave, self.n_fft, self.hop_length).transpose(1, 2)
        magnitude = spectrum.abs().clamp(min=1e-6)
        frequency = tone_offset(magnitude.log()) + torch.arange(magnitude.shape[2], device=wave.device)
        phase = (frequency.cumsum(dim=1) - 0.5 * frequency) * (2 * torch.pi * self.hop_length / self.n_fft)
        late, early = slice(LAG, None), slice(None, -LAG)
        weight = (magnitude[:, late] * magnitude[:, early]).sqrt()
        error = spectrum[:, late].angle() - spectrum[:, early].angle() - phase[:, late] + phase[:, early]
        real, imaginary, level = (self._pool(weight * part) for part in (error.cos(), error.sin(), 1.0))
        return (real.square() + imaginary.square()).sqrt() / level.clamp(min=1e-12), level

    def _pool(self, values: Tensor) -> Tensor:
        """Average over the bins of a band and over POOL frames: [B, F, bins] → [B, F + LAG, bands]."""
        bands = (values @ self.bank.T).transpose(1, 2)
        padded = functional.pad(bands, (POOL // 2, POOL // 2 + LAG), mode="replicate")
        return functional.avg_pool1d(padded, POOL, 1).transpose(1, 2)

    @torch.no_grad()
    def forward(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """Waves [B, T] → noise ratio in [0, 1] and level, both [B, frames, bands]."""
        agreement, level = self.phase_agreement(wave)
        tonal = ((agreement - self.chance) / (1 - self.chance)).clamp(0, 1)
        return 1 - tonal, level

    def distance(self, noise_ratio: Tensor, generated: Tensor, real: Tensor) -> Tensor:
        """Mean difference of measured noise ratios, weighted by the real sound's levels: [B].

        noise_ratio: the ratio with which the waves `generated` were rendered, [B, frames, bands]; only it gets a
        gradient (see `straight_through`).
        """
        target, level = self(real)
        measured, _ = self(generated)
        weight = level / (level + QUIET * level.amax(dim=(1, 2), keepdim=True) + 1e-12)
        error = (straight_through(measured, noise_ratio) - target).abs() * weight
        return error.sum(dim=(1, 2)) / weight.sum(dim=(1, 2)).clamp(min=1e-9)


def straight_through(measured: Tensor, predicted: Tensor) -> Tensor:
    """`measured`, with the gradient of `predicted` (straight-through estimator: Bengio et al. 2013)."""
    return measured + predicted - predicted.detach()
