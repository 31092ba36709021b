"""Augmentation of the sounds that VAEs and VAE-GANs train on: playback speed, level, polarity."""

import torch
from pydantic import Field
from torch import Tensor

from drumspace.audio.spectral.speed import change_speed
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
    count = len(wave)
    if settings.speed:
        speeds = 1 + settings.speed * (2 * torch.rand(count) - 1)
        wave = change_speed(wave, speeds.tolist())
    level = 10 ** (-settings.gain_db * torch.rand(count, 1, device=wave.device) / 20)
    if settings.flip:
        level = level * torch.where(torch.rand(count, 1, device=wave.device) < 0.5, -1.0, 1.0)
    return wave * level
