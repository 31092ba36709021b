"""Multi-resolution STFT discriminator (Défossez et al. 2022, EnCodec; audiocraft)."""

import math
from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from drumspace.audio.spectral.stft import squared_magnitude, stft
from drumspace.audio.spectral.transforms import mel_weights
from drumspace.errors import UserError
from drumspace.io.settings import Params
from drumspace.synth.models.discriminator.output import DiscriminatorOutput, Stack

DILATIONS = (1, 2, 4)
"""Dilations in time of the layers that halve the number of bins."""
FLOOR, RANGE = 1e-4, 4.0
"""Smallest magnitude, and the range of log magnitudes that is scaled to 1, nepers."""
View = Literal["complex", "log_mel"]
CHANNELS: dict[View, int] = {"complex": 2, "log_mel": 4}


class Settings(Params):
    """Sizes of the network and its STFTs."""

    width: int = Field(ge=1)
    """Channels of every layer; published 32."""
    resolutions: tuple[tuple[Annotated[int, Field(ge=64)], Annotated[int, Field(ge=1)]], ...] = Field(min_length=1)
    """n_fft and hop length, samples; published 1024, 256; 2048, 512; 512, 128."""
    view: View
    """Input: complex STFT, as published, or log_mel, which resolves quiet decays."""
    mel_bands: int = Field(ge=2)
    """Number of bands of log_mel."""


def build_stack(width: int, channels: int, classes: int = 0) -> Stack:
    """Stack for one resolution with `channels` input channels: kernels of 3 frames by 9 bins, then of 3 by 3."""
    layers: list[nn.Module] = [
        weight_norm(nn.Conv2d(channels, width, (3, 9), padding=(1, 4))),
        *(weight_norm(nn.Conv2d(width, width, (3, 9), (1, 2), (dilation, 4), (dilation, 1))) for dilation in DILATIONS),
        weight_norm(nn.Conv2d(width, width, 3, padding=1)),
    ]
    return Stack(layers, weight_norm(nn.Conv2d(width, 1, 3, padding=1)), 0.2, classes)


class MultiResolutionStft(nn.Module):
    """Waves [B, T] → one DiscriminatorOutput per resolution."""

    def __init__(self, settings: Settings, sample_rate: int, classes: int = 0) -> None:
        """classes: of the class head, 0 for none."""
        super().__init__()
        self.resolutions, self.view = settings.resolutions, settings.view
        self.stacks = nn.ModuleList(
            build_stack(settings.width, CHANNELS[settings.view], classes) for _ in settings.resolutions
        )
        self.sample_rate, self.mel_bands = sample_rate, settings.mel_bands

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        """Waves [B, T] and class weights → one output per resolution."""
        return [stack(self.spectrogram(wave, index), classes) for index, stack in enumerate(self.stacks)]

    def spectrogram(self, wave: Tensor, index: int) -> Tensor:
        """STFT at one resolution, not centred, of power 1 for white noise of power 1: [B, C, frames, bins].

        Channels C: real and imaginary part; or, of mel bands, the log magnitude from -1 for silence, its differences to
        the next band and to the next frame (nepers), and the band's position from -1 to 1. A network could learn these
        differences, but they are a tenth of the levels in size, and carry noise, spectral peaks and attacks.
        """
        n_fft, hop = self.resolutions[index]
        with torch.autocast(wave.device.type, enabled=False):
            # The norm of a Hann window of n_fft samples is √(3 n_fft / 8).
            # torch has no half-precision Fourier transform.
            wave = wave.to(torch.promote_types(wave.dtype, torch.float32))
            spectrum = stft(wave, n_fft, hop, pad_mode=None) / math.sqrt(3 * n_fft / 8)
            if self.view == "complex":
                return torch.view_as_real(spectrum).permute(0, 3, 2, 1)
            bank = mel_weights(self.sample_rate, n_fft, self.mel_bands, area_one=False, device=wave.device)
            level = 0.5 * (bank.to(wave.dtype) @ squared_magnitude(spectrum)).clamp(min=FLOOR**2).log().transpose(1, 2)
            to_band = functional.pad(level.diff(dim=2), (0, 1))
            to_frame = functional.pad(level.diff(dim=1), (0, 0, 0, 1))
            band = torch.linspace(-1, 1, level.shape[2], device=level.device).expand_as(level)
            return torch.stack([(level - math.log(FLOOR)) / RANGE - 1, to_band, to_frame, band], dim=1)


def build(settings: Settings, samples: int, sample_rate: int, classes: int) -> MultiResolutionStft:
    """Build the untrained discriminator. Raises UserError where a window is longer than the waves."""
    longest = max(n_fft for n_fft, _ in settings.resolutions)
    if longest > samples:
        raise UserError(
            f"multi_resolution_stft: waves of {samples} samples are shorter than a window of {longest}: "
            "take a smaller n_fft, or longer windows of sounds."
        )
    return MultiResolutionStft(settings, sample_rate, classes)
