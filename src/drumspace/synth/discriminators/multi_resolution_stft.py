"""A discriminator of spectrograms at several resolutions (Défossez et al. 2022, EnCodec; audiocraft)."""

import math
from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from drumspace.errors import UserError
from drumspace.params import Params
from drumspace.synth.discriminators.opinion import Opinion, Stack

DILATIONS = (1, 2, 4)
"""In time, of the layers that halve the bins."""
FLOOR, RANGE = 1e-4, 4.0
"""Of magnitudes whose logarithms are looked at: all below is silence; nepers that are 1 to a network."""
View = Literal["complex", "log_magnitude"]
CHANNELS: dict[View, int] = {"complex": 2, "log_magnitude": 1}


class Settings(Params):
    """Sizes."""

    width: int = Field(ge=1)
    """Channels of every layer; published 32."""
    resolutions: tuple[tuple[Annotated[int, Field(ge=64)], Annotated[int, Field(ge=1)]], ...] = Field(min_length=1)
    """n_fft and hop (samples); published 1024, 256; 2048, 512; 512, 128."""
    view: View
    """Published: complex, where what is 40 dB down is a hundredth; log_magnitude sees decays as ears do."""


def stack_of(width: int, channels: int, classes: int = 0) -> Stack:
    """One resolution's, of pictures with `channels`: kernels of 3 frames by 9 bins, then of 3 by 3."""
    layers: list[nn.Module] = [
        weight_norm(nn.Conv2d(channels, width, (3, 9), padding=(1, 4))),
        *(weight_norm(nn.Conv2d(width, width, (3, 9), (1, 2), (dilation, 4), (dilation, 1))) for dilation in DILATIONS),
        weight_norm(nn.Conv2d(width, width, 3, padding=1)),
    ]
    return Stack(layers, weight_norm(nn.Conv2d(width, 1, 3, padding=1)), 0.2, classes)


class MultiResolutionStft(nn.Module):
    """Wave [B, T] → an Opinion of each resolution."""

    def __init__(
        self, width: int, resolutions: tuple[tuple[int, int], ...], view: View = "complex", classes: int = 0
    ) -> None:
        """See Settings; `classes`: of the head, 0 for none."""
        super().__init__()
        self.resolutions, self.view = resolutions, view
        self.stacks = nn.ModuleList(stack_of(width, CHANNELS[view], classes) for _ in resolutions)
        for place, (n_fft, _) in enumerate(resolutions):
            self.register_buffer(f"window_{place}", torch.hann_window(n_fft), persistent=False)

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[Opinion]:
        """See the class."""
        return [stack(self.picture(wave, place), classes) for place, stack in enumerate(self.stacks)]

    def picture(self, wave: Tensor, place: int) -> Tensor:
        """STFT at one of the resolutions, not centred, of power 1 for white noise of power 1: [B, C, frames, bins].

        C: real and imaginary part, or the logarithm of the magnitude, from -1 for silence to 2 for the loudest tones.
        """
        n_fft, hop = self.resolutions[place]
        window: Tensor = self.get_buffer(f"window_{place}")
        with torch.autocast(wave.device.type, enabled=False):
            found = torch.stft(wave.float(), n_fft, hop, window=window, center=False, return_complex=True)
            found = found / window.norm()
            if self.view == "complex":
                return torch.view_as_real(found).permute(0, 3, 2, 1)
            power = torch.view_as_real(found).square().sum(dim=3).clamp(min=FLOOR**2)
            return ((0.5 * power.log() - math.log(FLOOR)) / RANGE - 1).unsqueeze(1).transpose(2, 3)


def build(settings: Settings, samples: int, sample_rate: int, classes: int) -> MultiResolutionStft:
    """Untrained. Raises UserError where a window is longer than the waves."""
    longest = max(n_fft for n_fft, _ in settings.resolutions)
    if longest > samples:
        raise UserError(
            f"multi_resolution_stft: waves of {samples} samples are shorter than a window of {longest}: "
            "take a smaller n_fft, or longer windows of sounds."
        )
    return MultiResolutionStft(settings.width, settings.resolutions, settings.view, classes)
