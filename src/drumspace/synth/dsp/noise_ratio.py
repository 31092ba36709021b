"""How much of a sound is noise, band by band: what a decoder is told, as no distance between waves tells it.

A distance that lets noise be noise (two renderings) also prefers noise to a tone whose place is not yet known, and one
that does not prefers a tone to noise. So the share of noise is measured, in real sounds and in what is made of them
alike, and the decoder's share goes up or down until both measure the same. (What a decoder adds is noise to the meter
besides: it renders tones from a few numbers, with phases that are never quite true.)
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

LAG = 3
"""Frames between two phases that are compared: at a hop of a quarter of the window they hardly share a sample."""
POOL = 5
"""Frames over which agreement is looked for."""
QUIET = 1e-3
"""Of a clip's loudest band: what lies far below counts little."""


def tone_offset(log_magnitude: Tensor) -> Tensor:
    """How far above the middle of its bin the tone in it lies, in bins, -1 to 2 or -2 to 1: [B, frames, bins].

    Exact for one tone under a Hann window, whose spectrum has (2 r - 1) / (r + 1), r the larger neighbour over the bin
    itself (Grandke 1983). So phases follow from magnitudes, which a network can learn: the step from frame to frame of
    phase gradient heap integration (Průša, Balazs and Søndergaard 2017).
    """
    padded = functional.pad(log_magnitude, (1, 1), value=-100.0)
    below, above = padded[..., :-2], padded[..., 2:]
    # In place: what a decoder asks for each of its bins takes longer to lay out than to compute.
    wrong = torch.maximum(below, above).sub_(log_magnitude).clamp_(max=20).exp_().add_(1).reciprocal_().mul_(-3).add_(2)
    return wrong.mul_(torch.copysign(torch.ones(()).to(wrong), above - below))


class NoiseRatioEstimator(nn.Module):
    """Wave [B, T] → the share of noise in its power, and how loud it is, both [B, 1 + T // hop, bands]."""

    bank: Tensor
    window: Tensor
    chance: Tensor

    def __init__(self, n_fft: int, hop_length: int, bank: Tensor) -> None:
        """`bank` [bands, bins]: what each band takes of each bin."""
        super().__init__()
        self.n_fft, self.hop_length = n_fft, hop_length
        self.register_buffer("bank", bank, persistent=False)
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        noise = torch.randn(8, 64 * hop_length, generator=torch.Generator().manual_seed(0))
        # In few bins phases agree by chance: as they do in white noise.
        self.register_buffer("chance", self.agreement(noise)[0].mean(dim=(0, 1)), persistent=False)

    def agreement(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """In how far phases are LAG frames later where the magnitudes' tones lead them, in [0, 1], and the level."""
        spectrum = torch.stft(
            wave, self.n_fft, self.hop_length, window=self.window, pad_mode="constant", return_complex=True
        ).transpose(1, 2)
        magnitude = spectrum.abs().clamp(min=1e-6)
        offset = tone_offset(magnitude.log()) + torch.arange(magnitude.shape[2], device=wave.device)
        way = (offset.cumsum(dim=1) - 0.5 * offset) * (2 * torch.pi * self.hop_length / self.n_fft)
        late, early = slice(LAG, None), slice(None, -LAG)
        weight = (magnitude[:, late] * magnitude[:, early]).sqrt()
        apart = spectrum[:, late].angle() - spectrum[:, early].angle() - way[:, late] + way[:, early]
        real, imaginary, level = (self._pooled(weight * part) for part in (apart.cos(), apart.sin(), 1.0))
        return (real.square() + imaginary.square()).sqrt() / level.clamp(min=1e-12), level

    def _pooled(self, values: Tensor) -> Tensor:
        """[B, F, bins] → [B, F + LAG, bands], means over bins of a band and over POOL frames."""
        bands = (values @ self.bank.T).transpose(1, 2)
        padded = functional.pad(bands, (POOL // 2, POOL // 2 + LAG), mode="replicate")
        return functional.avg_pool1d(padded, POOL, 1).transpose(1, 2)

    @torch.no_grad()
    def forward(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        agreement, level = self.agreement(wave)
        tonal = ((agreement - self.chance) / (1 - self.chance)).clamp(0, 1)
        return 1 - tonal, level

    def distance(self, share: Tensor, made: Tensor, real: Tensor) -> Tensor:
        """Mean difference of measured shares, over frames and bands not far below the real sound's loudest. [B].

        `share` is what waves `made` were told, [B, frames, bands]: it alone gets a gradient (see `measured_as`).
        """
        wanted, level = self(real)
        heard, _ = self(made)
        weight = level / (level + QUIET * level.amax(dim=(1, 2), keepdim=True) + 1e-12)
        apart = (measured_as(heard, share) - wanted).abs() * weight
        return apart.sum(dim=(1, 2)) / weight.sum(dim=(1, 2)).clamp(min=1e-9)


def measured_as(heard: Tensor, told: Tensor) -> Tensor:
    """`heard`, as if it moved as what was `told` does (a straight-through estimate: Bengio et al. 2013)."""
    return heard + told - told.detach()
