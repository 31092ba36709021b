"""Coarse log-magnitude spectrum of a sound, and the initialisation of a VAE with its principal components.

A linear VAE converges to principal components (Lucas et al. 2019). Started from those of the coarse spectrum, latents
are informative from the first step on, and the networks only have details left to learn.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from drumspace.audio.spectral.stft import stft_power

POWER_FLOOR = 1e-7
"""Lower bound of the power of an STFT bin, as in the loss."""
STEADY = 0.1
"""Scale of the coarse spectrum in the decoder's input, and of the encoder's correction to the components.

Adam moves every weight equally far, which is too far where hundreds of them add up before an exponential.
"""
POSTERIOR_ERROR = 0.1
"""Root mean square error of the coarse spectrum that initial posteriors cause, nepers."""
MAX_SOUNDS = 2048
"""Sounds from which the components are computed, at most."""


class CoarseSpectrum(nn.Module):
    """Log magnitudes of waves [B, T] in few bands at few time steps: [B, bands · time_steps, frames]."""

    bank: Tensor
    interpolation: Tensor

    def __init__(
        self, n_fft: int, hop_length: int, bank: Tensor, stft_frames: int, frames: int, time_steps: int
    ) -> None:
        """bank: filterbank [bands, bins] with columns of sum 1; stft_frames: frames of the STFT of a wave.

        A coarse frame is 1 / `frames` of the time and has `time_steps` at equal distances.
        """
        super().__init__()
        self.n_fft, self.hop_length, self.frames, self.time_steps = n_fft, hop_length, frames, time_steps
        self.channels = len(bank) * time_steps
        count = frames * time_steps
        # Linear interpolation between time steps.
        position = torch.arange(stft_frames) * ((count - 1) / max(stft_frames - 1, 1))
        interpolation = (1 - (position[:, None] - torch.arange(count)).abs()).clamp(min=0)
        self.register_buffer("interpolation", interpolation, persistent=False)
        self.register_buffer("bank", bank, persistent=False)

    def forward(self, wave: Tensor) -> Tensor:
        """Waves [B, T] → [B, channels, frames]."""
        with torch.autocast(wave.device.type, enabled=False):
            power = stft_power(wave.float(), self.n_fft, self.hop_length)
            bank = self.bank / self.bank.sum(dim=1, keepdim=True)
            levels = 0.5 * (bank @ power).clamp(min=POWER_FLOOR).log()
            # With as many time steps as STFT frames, or more, some steps have no frame.
            steps = levels @ (self.interpolation / self.interpolation.sum(dim=0).clamp(min=1e-6))
        values = steps.unflatten(2, (self.frames, self.time_steps)).transpose(2, 3)
        return values.reshape(len(wave), self.channels, self.frames)

    def interpolate(self, values: Tensor) -> Tensor:
        """Coarse spectra [B, channels, frames] → log magnitudes [B, stft_frames, bins]."""
        steps = values.unflatten(1, (-1, self.time_steps)).transpose(2, 3).flatten(2)
        return (self.interpolation @ steps.transpose(1, 2)) @ self.bank


class PcaInit(nn.Module):
    """Principal components of the coarse spectrum, each of variance 1: waves [B, T] → [B, latent] or [B, latent, F]."""

    mean: Tensor
    basis: Tensor

    def __init__(self, coarse_spectrum: CoarseSpectrum, latent: int, kind: Literal["global", "frames"]) -> None:
        """Mean and basis are 0 until `fit`."""
        super().__init__()
        self.coarse_spectrum, self.kind = coarse_spectrum, kind
        size = coarse_spectrum.channels * (coarse_spectrum.frames if kind == "global" else 1)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("basis", torch.zeros(size, latent))

    def forward(self, wave: Tensor) -> Tensor:
        """Components of waves [B, T]: [B, latent], or one vector a coarse frame, [B, latent, F]."""
        with torch.autocast(wave.device.type, enabled=False):
            scores = (self._rows(self.coarse_spectrum(wave)) - self.mean) @ self.basis
        return scores if self.kind == "global" else scores.unflatten(0, (len(wave), -1)).transpose(1, 2)

    def fit(self, spectra: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Compute the components of coarse spectra [n, channels, frames].

        Returns the decoder's weights for each latent [values, latent] and its bias, the mean [values], both in units of
        STEADY, and the posteriors' log variances [latent]: such that each component has the same error, which needs
        the least KL for a sum of squared errors (reverse water-filling). With fewer sounds than components the last
        latents have none.
        """
        from sklearn.decomposition import PCA

        rows = self._rows(spectra)
        count = min(self.basis.shape[1], *rows.shape)
        pca = PCA(count, svd_solver="covariance_eigh" if len(rows) > rows.shape[1] else "auto", random_state=0)
        pca.fit(rows.numpy())
        deviation = torch.from_numpy(pca.explained_variance_).float().clamp(min=1e-9).sqrt()
        components = torch.from_numpy(pca.components_).float().T
        self.mean.copy_(torch.from_numpy(pca.mean_))
        self.basis.zero_()[:, :count] = components / deviation
        back = torch.zeros_like(self.basis)
        back[:, :count] = components * deviation
        allowed = POSTERIOR_ERROR**2 * rows.shape[1] / count
        log_variance = torch.zeros(self.basis.shape[1])
        log_variance[:count] = (allowed / deviation.square()).clamp(max=1).log()
        return back / STEADY, self.mean / STEADY, log_variance

    def _rows(self, spectra: Tensor) -> Tensor:
        """Observations of the PCA, sounds or coarse frames: [B, channels, frames] → [n, values]."""
        return spectra.flatten(1) if self.kind == "global" else spectra.transpose(1, 2).flatten(0, 1)
