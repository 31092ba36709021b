"""How far single lines stand out of a real sound's spectrum: the metal of hats and cymbals, as no band tells it.

Where a line lies can't be foreseen, that there are lines can. A distance between waves makes a decoder pay for every
line that lies elsewhere; so how far they stand out is measured in real sounds, and learned from that, as grain is.
"""

import math

import torch
from torch import Tensor, nn

SOUNDING = 6.0
"""Frames count whose loudest bin is at most so far under the sound's (nepers)."""
LEAST_HEARD = 0.25
"""Of the variance of lines that a band hears: where it hears less, it has too few bins to tell."""
LEAST = 1e-4
"""Magnitude below which all is silence."""


def pattern(count: int, bins: int, generator: torch.Generator | None = None) -> Tensor:
    """Lines drawn at random: [count, bins] of variance 1, neighbours alike, as a window makes them."""
    drawn = torch.randn(count, bins + 2, generator=generator)
    return (drawn[:, :-2] + 2 * drawn[:, 1:-1] + drawn[:, 2:]) / math.sqrt(6)


class PeakinessEstimator(nn.Module):
    """Wave [B, T] → standard deviation (nepers) of a bin's mean level from those around it, by band: [B, bands]."""

    bank: Tensor
    window: Tensor
    chance: Tensor
    heard: Tensor

    def __init__(self, n_fft: int, hop_length: int, bank: Tensor) -> None:
        """`bank` [bands, bins]: what each band takes of each bin, columns of sum 1."""
        super().__init__()
        self.n_fft, self.hop_length = n_fft, hop_length
        self.register_buffer("bank", bank, persistent=False)
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        generator = torch.Generator().manual_seed(0)
        # In a narrow band a line is itself what is around it.
        self.register_buffer("heard", self._spread(pattern(64, bank.shape[1], generator)).mean(dim=0), persistent=False)
        level, _ = self.levels(torch.randn(16, 64 * hop_length, generator=generator))
        # White noise has lines too, the fewer frames the more.
        chance = self._spread(level.mean(dim=1)).mean(dim=0) * level.shape[1]
        self.register_buffer("chance", chance, persistent=False)

    def levels(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """Logarithms of magnitudes [B, frames, bins], and which frames sound, 1 or 0 [B, frames, 1]."""
        spectrum = torch.stft(
            wave, self.n_fft, self.hop_length, window=self.window, pad_mode="constant", return_complex=True
        )
        level = spectrum.abs().clamp(min=LEAST).log().transpose(1, 2)
        loudest = level.amax(dim=2, keepdim=True)
        return level, (loudest > loudest.amax(dim=1, keepdim=True) - SOUNDING).float()

    def _spread(self, level: Tensor) -> Tensor:
        """[B, bins] → mean square of what is not told by its bands, by band: [B, bands]."""
        share = self.bank / self.bank.sum(dim=1, keepdim=True)
        around = (level @ share.T) @ self.bank
        return (level - around).square() @ share.T

    @torch.no_grad()
    def forward(self, wave: Tensor, told: Tensor | float = 0.0) -> Tensor:
        """See the class: less what noise has by chance, and what `told`, log magnitudes [B, frames, bins], tells."""
        level, counted = self.levels(wave)
        count = counted.sum(dim=1)
        untold = ((level - told) * counted).sum(dim=1) / count
        spread = (self._spread(untold) - self.chance / count).clamp(min=0)
        return (spread / self.heard.clamp(min=LEAST_HEARD)).sqrt()

    def distance(self, lines: Tensor, told: Tensor, wave: Tensor) -> Tensor:
        """Mean |lines - measured| of bands, of lines beside what `told` tells. [B]."""
        return (lines - self(wave, told)).abs().mean(dim=1)
