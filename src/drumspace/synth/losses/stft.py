"""Multi-resolution STFT losses: each maps (generated [B, T], real [B, T]) to one number a clip, [B]."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from drumspace.audio.spectral.stft import stft_magnitude


class Resolution(NamedTuple):
    """FFT size, hop length and window length of an STFT, in samples."""

    n_fft: int
    hop_length: int
    window: int


RESOLUTIONS = (Resolution(1024, 120, 600), Resolution(2048, 240, 1200), Resolution(512, 50, 240))
"""The resolutions of Parallel WaveGAN (Yamamoto et al. 2020, table 1)."""

POWER_FLOOR = 1e-7
"""Lower bound of the power: below it the square root has no gradient, instead of an infinite one."""


def magnitudes(wave: Tensor, resolutions: Sequence[Resolution] = RESOLUTIONS) -> list[Tensor]:
    """|STFT| of `wave` at each resolution, at least √POWER_FLOOR.

    wave: float [B, T], T more than half the longest n_fft; padded by reflection, as published. Returns
    float32 (or as wide as `wave`) [B, n_fft // 2 + 1, 1 + T // hop_length] each; Hann windows, frames centred.
    """
    # torch has no half-precision Fourier transform.
    wave = wave.to(torch.promote_types(wave.dtype, torch.float32))
    return [
        stft_magnitude(wave, n_fft, hop_length, POWER_FLOOR, "reflect", win_length)
        for n_fft, hop_length, win_length in resolutions
    ]


def spectral_convergence(generated: Tensor, real: Tensor) -> Tensor:
    """‖Y − X‖_F / ‖Y‖_F, Y of the real clip, mean over the resolutions (Parallel WaveGAN, eqs. 4 and 6). [B].

    Computed per clip: a norm over the batch would be dominated by its loudest clip.
    """
    return convergence_between(magnitudes(generated), magnitudes(real))


def log_magnitude(generated: Tensor, real: Tensor) -> Tensor:
    """Mean of |log Y − log X| over bins and frames, mean over the resolutions (Parallel WaveGAN, eqs. 5 and 6). [B]."""
    return log_between(magnitudes(generated), magnitudes(real))


def spectral_terms(generated: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """`spectral_convergence` and `log_magnitude`, each [B], from the same transforms."""
    x, y = magnitudes(generated), magnitudes(real)
    return convergence_between(x, y), log_between(x, y)


def convergence_between(generated: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """`spectral_convergence` of magnitudes at each resolution. [B]."""
    terms = [_norm(y - x) / _norm(y) for x, y in zip(generated, real, strict=True)]
    return torch.stack(terms).mean(dim=0)


def log_between(generated: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """`log_magnitude` of magnitudes at each resolution. [B]."""
    terms = [(y.log() - x.log()).abs().mean(dim=(-2, -1)) for x, y in zip(generated, real, strict=True)]
    return torch.stack(terms).mean(dim=0)


def _norm(spectrogram: Tensor) -> Tensor:
    return torch.linalg.vector_norm(spectrogram, dim=(-2, -1))
