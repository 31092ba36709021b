"""Spectrogram, mel spectrogram and MFCC as torch functions: on whatever device the wave is."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torchaudio.functional import create_dct

from drumspace.audio.spectral.mel import mel_filterbank
from drumspace.audio.spectral.settings import MelParams, MfccParams, SpecParams
from drumspace.audio.spectral.stft import stft_power

POWER_FLOOR = 1e-10
"""Power below which decibels are not computed (librosa's amin)."""


def decibels(values: Tensor, floor_db: float) -> Tensor:
    """10 log10 of power [..., bins, frames], nothing more than `floor_db` (dB, negative) below its clip's peak."""
    db = 10 * values.clamp(min=POWER_FLOOR).log10()
    peak = db.amax(dim=(-2, -1), keepdim=True)
    return torch.maximum(db, peak + floor_db)


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # a tensor made in inference mode could not be used in training later
def mel_weights(
    sample_rate: int,
    n_fft: int,
    n_mels: int,
    fmin: float = 0.0,
    fmax: float | None = None,
    area_one: bool = True,
    device: torch.device | str = "cpu",
) -> Tensor:
    """`mel_filterbank` as a tensor on `device`, which is shared and must not be changed."""
    return torch.from_numpy(mel_filterbank(sample_rate, n_fft, n_mels, fmin, fmax, area_one)).to(device)


@lru_cache(maxsize=8)
@torch.inference_mode(False)
def _dct(n_mfcc: int, n_mels: int) -> Tensor:
    return create_dct(n_mfcc, n_mels, norm="ortho").T.contiguous()


def mel_power(wave: Tensor, sample_rate: int, params: MelParams) -> Tensor:
    """Power in mel bands by m = 2595 log10(1 + f/700) (thesis eq. 2.3). [..., T] → [..., n_mels, frames]."""
    bank = mel_weights(sample_rate, params.n_fft, params.n_mels, params.fmin, params.fmax, device=wave.device)
    return bank.to(wave.dtype) @ stft_power(wave, params.n_fft, params.hop_length)


def spectrogram(wave: Tensor, params: SpecParams) -> Tensor:
    """Log-magnitude spectrogram in dB. [..., T] → [..., n_fft // 2 + 1, frames]."""
    return decibels(stft_power(wave, params.n_fft, params.hop_length), params.floor_db)


def mel_spectrogram(wave: Tensor, sample_rate: int, params: MelParams) -> Tensor:
    """Log-mel spectrogram in dB. [..., T] at sample_rate (Hz) → [..., n_mels, frames]."""
    return decibels(mel_power(wave, sample_rate, params), params.floor_db)


def cepstrum(mel_db: Tensor, n_mfcc: int) -> Tensor:
    """Orthonormal DCT-II over the mel axis. dB [..., n_mels, frames] → [..., n_mfcc, frames]."""
    return _dct(n_mfcc, mel_db.shape[-2]).to(mel_db) @ mel_db


def mfcc(wave: Tensor, sample_rate: int, params: MfccParams) -> Tensor:
    """Mel-frequency cepstral coefficients of the log-mel spectrogram. [..., T] → [..., n_mfcc, frames]."""
    return cepstrum(mel_spectrogram(wave, sample_rate, params), params.n_mfcc)


def to_wave(pcm: np.ndarray) -> Tensor:
    """int16 [..., T] → float32 in [-1, 1)."""
    return torch.from_numpy(np.asarray(pcm).astype(np.float32) / np.float32(32768))
