"""A linear way through a VAE that begins as principal components: what a linear VAE ends as (Lucas et al. 2019).

A sound's sketch is its log-magnitude spectrogram in few bands, at few moments. From the first step on the latent is
what tells sketches apart best, and the decoder begins with them: networks have details left to learn.
"""

from typing import Literal

import torch
from torch import Tensor, nn

POWER_FLOOR = 1e-7
"""Of an STFT: what lies below is silence, as it is to the loss."""
STEADY = 0.1
"""What a decoder takes of the channels that are a sketch, and an encoder of what it adds to its components.

Adam moves every weight as far: where hundreds add up, and nothing but an exponential comes after, that is too far.
"""
WRONG = 0.1
"""What posteriors begin to change a sketch by, root mean square (nepers)."""
LEARNED_FROM = 2048
"""Sounds at most that the components are found in."""


class CoarseSpectrum(nn.Module):
    """Wave [B, T] → [B, channels, coarse]: `bands` log magnitudes at each of `moments`, for each coarse frame."""

    bank: Tensor
    window: Tensor
    hats: Tensor

    def __init__(self, n_fft: int, hop_length: int, bank: Tensor, frames: int, coarse: int, moments: int) -> None:
        """`bank` [bands, bins] of an STFT of `frames` frames: what each band takes of each bin, columns of sum 1.

        A coarse frame is 1 / `coarse` of the time, and has `moments` at equal steps.
        """
        super().__init__()
        self.n_fft, self.hop_length, self.coarse, self.moments = n_fft, hop_length, coarse, moments
        self.channels = len(bank) * moments
        count = coarse * moments
        # Straight lines from moment to moment.
        place = torch.arange(frames) * ((count - 1) / max(frames - 1, 1))
        hats = (1 - (place[:, None] - torch.arange(count)).abs()).clamp(min=0)
        self.register_buffer("hats", hats, persistent=False)
        self.register_buffer("bank", bank, persistent=False)
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, wave: Tensor) -> Tensor:
        """See the class."""
        with torch.autocast(wave.device.type, enabled=False):
            spectrum = torch.stft(
                wave.float(), self.n_fft, self.hop_length, window=self.window, pad_mode="constant", return_complex=True
            )
            bank = self.bank / self.bank.sum(dim=1, keepdim=True)
            levels = 0.5 * (bank @ spectrum.abs().square()).clamp(min=POWER_FLOOR).log()
            # Where moments are as many as frames, or more, some have none.
            moments = levels @ (self.hats / self.hats.sum(dim=0).clamp(min=1e-6))
        values = moments.unflatten(2, (self.coarse, self.moments)).transpose(2, 3)
        return values.reshape(len(wave), self.channels, self.coarse)

    def drawn(self, values: Tensor) -> Tensor:
        """[B, channels, coarse] → log magnitudes [B, frames, bins]."""
        moments = values.unflatten(1, (-1, self.moments)).transpose(2, 3).flatten(2)
        return (self.hats @ moments.transpose(1, 2)) @ self.bank


class PcaInit(nn.Module):
    """Wave [B, T] → its sketch's principal components, each of variance 1: [B, latent], or one a coarse frame."""

    mean: Tensor
    basis: Tensor

    def __init__(self, sketch: CoarseSpectrum, latent: int, kind: Literal["global", "frames"]) -> None:
        """All 0 until `fit`."""
        super().__init__()
        self.sketch, self.kind = sketch, kind
        size = sketch.channels * (sketch.coarse if kind == "global" else 1)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("basis", torch.zeros(size, latent))

    def forward(self, wave: Tensor) -> Tensor:
        """See the class."""
        with torch.autocast(wave.device.type, enabled=False):
            return self._shaped((self._rows(self.sketch(wave)) - self.mean) @ self.basis, len(wave))

    def fit(self, sketches: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Find the components of [n, channels, coarse].

        Returns what a decoder adds for each latent, [values of a row, latent], the mean [values of a row], both in
        units of STEADY, and the posteriors' log variances [latent]: such that each component is as wrong as any other,
        the fewest nats for their sum of squares (reverse water-filling). Where sounds are too few for so many
        components the last latents have none.
        """
        from sklearn.decomposition import PCA

        rows = self._rows(sketches)
        count = min(self.basis.shape[1], *rows.shape)
        found = PCA(count, svd_solver="covariance_eigh" if len(rows) > rows.shape[1] else "auto", random_state=0)
        found.fit(rows.numpy())
        deviation = torch.from_numpy(found.explained_variance_).float().clamp(min=1e-9).sqrt()
        components = torch.from_numpy(found.components_).float().T
        self.mean.copy_(torch.from_numpy(found.mean_))
        self.basis.zero_()[:, :count] = components / deviation
        back = torch.zeros_like(self.basis)
        back[:, :count] = components * deviation
        allowed = WRONG**2 * rows.shape[1] / count
        log_variance = torch.zeros(self.basis.shape[1])
        log_variance[:count] = (allowed / deviation.square()).clamp(max=1).log()
        return back / STEADY, self.mean / STEADY, log_variance

    def _rows(self, sketches: Tensor) -> Tensor:
        """[B, channels, coarse] → what the components are of: sounds, or coarse frames."""
        return sketches.flatten(1) if self.kind == "global" else sketches.transpose(1, 2).flatten(0, 1)

    def _shaped(self, scores: Tensor, count: int) -> Tensor:
        return scores if self.kind == "global" else scores.unflatten(0, (count, -1)).transpose(1, 2)
