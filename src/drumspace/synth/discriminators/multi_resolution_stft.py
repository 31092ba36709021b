"""A discriminator of complex spectrograms at several resolutions (Défossez et al. 2022, EnCodec; audiocraft)."""

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from drumspace.errors import UserError
from drumspace.params import Params
from drumspace.synth.discriminators.opinion import Opinion, Stack

DILATIONS = (1, 2, 4)
"""In time, of the layers that halve the bins."""


class Settings(Params):
    """Sizes."""

    width: int = Field(ge=1)
    """Channels of every layer; published 32."""
    resolutions: tuple[tuple[Annotated[int, Field(ge=64)], Annotated[int, Field(ge=1)]], ...] = Field(min_length=1)
    """n_fft and hop (samples); published 1024, 256; 2048, 512; 512, 128."""


def stack_of(width: int, classes: int = 0) -> Stack:
    """One resolution's: kernels of 3 frames by 9 bins, then of 3 by 3."""
    layers: list[nn.Module] = [
        weight_norm(nn.Conv2d(2, width, (3, 9), padding=(1, 4))),
        *(weight_norm(nn.Conv2d(width, width, (3, 9), (1, 2), (dilation, 4), (dilation, 1))) for dilation in DILATIONS),
        weight_norm(nn.Conv2d(width, width, 3, padding=1)),
    ]
    return Stack(layers, weight_norm(nn.Conv2d(width, 1, 3, padding=1)), 0.2, classes)


class MultiResolutionStft(nn.Module):
    """Wave [B, T] → an Opinion of each resolution: real and imaginary parts as channels, [B, 2, frames, bins]."""

    def __init__(self, width: int, resolutions: tuple[tuple[int, int], ...], classes: int = 0) -> None:
        """See Settings; `classes`: of the head, 0 for none."""
        super().__init__()
        self.resolutions = resolutions
        self.stacks = nn.ModuleList(stack_of(width, classes) for _ in resolutions)
        for place, (n_fft, _) in enumerate(resolutions):
            self.register_buffer(f"window_{place}", torch.hann_window(n_fft), persistent=False)

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[Opinion]:
        """See the class."""
        return [stack(self.picture(wave, place), classes) for place, stack in enumerate(self.stacks)]

    def picture(self, wave: Tensor, place: int) -> Tensor:
        """STFT at one of the resolutions, not centred: [B, 2, frames, n_fft // 2 + 1]; of white noise of power 1."""
        n_fft, hop = self.resolutions[place]
        window: Tensor = self.get_buffer(f"window_{place}")
        with torch.autocast(wave.device.type, enabled=False):
            found = torch.stft(wave.float(), n_fft, hop, window=window, center=False, return_complex=True)
            return torch.view_as_real(found / window.norm()).permute(0, 3, 2, 1)


def build(settings: Settings, samples: int, sample_rate: int, classes: int) -> MultiResolutionStft:
    """Untrained. Raises UserError where a window is longer than the waves."""
    longest = max(n_fft for n_fft, _ in settings.resolutions)
    if longest > samples:
        raise UserError(
            f"multi_resolution_stft: waves of {samples} samples are shorter than a window of {longest}: "
            "take a smaller n_fft, or longer windows of sounds."
        )
    return MultiResolutionStft(settings.width, settings.resolutions, classes)
