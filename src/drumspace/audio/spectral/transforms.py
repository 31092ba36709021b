"""Spectrogram, mel spectrogram and MFCC as torch functions: on whatever device the wave is."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torchaudio.functional import create_dct, melscale_fbanks

from drumspace.audio.spectral.settings import MelParams, MfccParams, SpecParams

POWER_FLOOR = 1e-10
"""Power below which decibels are not computed (librosa's amin)."""


def power(wave: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """|STFT|² with a Hann window, frames centred, zeros beyond the ends (thesis eq. 2.2).

    wave: float [..., T]. Returns [..., n_fft // 2 + 1, 1 + T // hop_length].
    """
    window = torch.hann_window(n_fft, dtype=wave.dtype, device=wave.device)
    flat = wave.reshape(-1, wave.shape[-1])
    stft = torch.stft(flat, n_fft, hop_length, window=window, pad_mode="constant", return_complex=True)
    magnitude = stft.real.square() + stft.imag.square()
    return magnitude.reshape(*wave.shape[:-1], *magnitude.shape[-2:])


def decibels(values: Tensor, floor_db: float) -> Tensor:
    """10 log10 of power [..., bins, frames], nothing more than `floor_db` (dB, negative) below its clip's peak."""
    db = 10 * values.clamp(min=POWER_FLOOR).log10()
    peak = db.amax(dim=(-2, -1), keepdim=True)
    return torch.maximum(db, peak + floor_db)


@lru_cache(maxsize=8)
def _filterbank(sample_rate: int, n_fft: int, n_mels: int, fmin: float, fmax: float) -> Tensor:
    # HTK: m = 2595 log10(1 + f / 700), the thesis's formula 2.3; Slaney's area normalisation, as librosa has.
    return melscale_fbanks(
        n_fft // 2 + 1, fmin, fmax, n_mels, sample_rate, norm="slaney", mel_scale="htk"
    ).T.contiguous()


@lru_cache(maxsize=8)
def _dct(n_mfcc: int, n_mels: int) -> Tensor:
    return create_dct(n_mfcc, n_mels, norm="ortho").T.contiguous()


def mel_power(wave: Tensor, sample_rate: int, params: MelParams) -> Tensor:
    """Power in mel bands by m = 2595 log10(1 + f/700) (thesis eq. 2.3). [..., T] → [..., n_mels, frames]."""
    fmax = params.fmax or sample_rate / 2
    bank = _filterbank(sample_rate, params.n_fft, params.n_mels, params.fmin, fmax)
    return bank.to(wave) @ power(wave, params.n_fft, params.hop_length)


def spectrogram(wave: Tensor, params: SpecParams) -> Tensor:
    """Log-magnitude spectrogram in dB. [..., T] → [..., n_fft // 2 + 1, frames]."""
    return decibels(power(wave, params.n_fft, params.hop_length), params.floor_db)


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
