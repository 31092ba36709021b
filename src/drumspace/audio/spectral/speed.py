"""Playback at another speed, for the augmentation of training sounds."""

from collections.abc import Sequence

import torch
from scipy.fft import next_fast_len
from torch import Tensor


def change_speed(wave: Tensor, speeds: Sequence[float]) -> Tensor:
    """Play each wave of [B, T] at its speed in `speeds`: 2 halves its length and raises its pitch by an octave.

    Lengths are rounded to sizes with a fast Fourier transform; the result is cut or zero-padded to T.
    """
    total = wave.shape[1]
    return resample(wave, [next_fast_len(round(total / speed), real=True) for speed in speeds])


def resample(wave: Tensor, lengths: Sequence[int]) -> Tensor:
    """Resample each wave of [B, T] to its number of samples in `lengths`; the result is cut or zero-padded to T.

    Done by the discrete Fourier transform: linear interpolation would lose 1.4 dB at 10 kHz and 3 dB at 15 kHz.
    """
    total = wave.shape[1]
    resampled = torch.zeros_like(wave)
    for row, (spectrum, length) in enumerate(zip(torch.fft.rfft(wave), lengths, strict=True)):
        samples = torch.fft.irfft(spectrum[: length // 2 + 1], n=length)[:total] * (length / total)
        resampled[row, : len(samples)] = samples
    return resampled
