"""Mel scale m = 2595 log10(1 + f / 700) (HTK; thesis eq. 2.3): filterbank, and interpolation from bands to bins."""

from functools import lru_cache

import torch
from torch import Tensor
from torchaudio.functional import melscale_fbanks


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # a tensor made in inference mode could not be used in training later
def mel_filterbank(
    sample_rate: int,
    n_fft: int,
    n_mels: int,
    fmin: float = 0.0,
    fmax: float | None = None,
    area_one: bool = True,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Triangular filters of equal width on the mel scale: float32 [n_mels, n_fft // 2 + 1]; shared, not to be changed.

    fmin, fmax: Hz, fmax None for half the sample rate. area_one: each triangle has area 1 (Slaney's normalisation, as
    in librosa), otherwise peak 1.
    """
    norm = "slaney" if area_one else None
    top = sample_rate / 2 if fmax is None else fmax
    bank = melscale_fbanks(n_fft // 2 + 1, fmin, top, n_mels, sample_rate, norm=norm, mel_scale="htk")
    return bank.T.contiguous().to(device)


def mel_interpolation(bins: int, bands: int, sample_rate: int) -> Tensor:
    """Weights that interpolate linearly from mel bands, centred from 0 Hz to half the sample rate, to bins.

    Returns [bins, bands]; each row has sum 1.
    """
    mel = torch.log10(1 + torch.linspace(0, sample_rate / 2, bins, dtype=torch.float64) / 700)
    position = mel / mel[-1] * (bands - 1)
    return (1 - (position[:, None] - torch.arange(bands)).abs()).clamp(min=0).float()
