"""Augmentation of the sounds that VAEs and VAE-GANs train on: playback speed, level, polarity."""

from collections.abc import Sequence

import torch
from pydantic import Field
from scipy.fft import next_fast_len
from torch import Tensor

from drumspace.io.settings import Params


class Augment(Params):
    """Random changes of each training sound."""

    flip: bool
    """Invert the polarity of half of the sounds, which is inaudible."""
    speed: float = Field(ge=0, lt=0.5)
    """Play at a random speed of 1 ± this."""
    gain_db: float = Field(ge=0, le=24)
    """Lower the level by up to this, dB."""


def augment(wave: Tensor, settings: Augment) -> Tensor:
    """Change each wave of [B, T] at random, with numbers from torch's generator."""
    count, length = wave.shape
    if settings.speed:
        speeds = 1 + settings.speed * (2 * torch.rand(count) - 1)
        lengths = [next_fast_len(round(length / speed), real=True) for speed in speeds.tolist()]
        wave = resample(wave, lengths)
    level = 10 ** (-settings.gain_db * torch.rand(count, 1, device=wave.device) / 20)
    if settings.flip:
        level = level * torch.where(torch.rand(count, 1, device=wave.device) < 0.5, -1.0, 1.0)
    return wave * level


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
