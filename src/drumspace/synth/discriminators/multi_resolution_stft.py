"""A discriminator of spectrograms at several resolutions (Défossez et al. 2022, EnCodec; audiocraft)."""

import math
from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm
from torchaudio.functional import melscale_fbanks

from drumspace.errors import UserError
from drumspace.io.settings import Params
from drumspace.synth.models.discriminator.output import DiscriminatorOutput, Stack

DILATIONS = (1, 2, 4)
"""In time, of the layers that halve the bins."""
FLOOR, RANGE = 1e-4, 4.0
"""Of magnitudes whose logarithms are looked at: all below is silence; nepers that are 1 to a network."""
View = Literal["complex", "log_mel"]
CHANNELS: dict[View, int] = {"complex": 2, "log_mel": 4}


class Settings(Params):
    """Sizes."""

    width: int = Field(ge=1)
    """Channels of every layer; published 32."""
    resolutions: tuple[tuple[Annotated[int, Field(ge=64)], Annotated[int, Field(ge=1)]], ...] = Field(min_length=1)
    """n_fft and hop (samples); published 1024, 256; 2048, 512; 512, 128."""
    view: View
    """Published: complex, where what is 40 dB down is a hundredth; log_mel sees decays as ears do."""
    mel_bands: int = Field(ge=2)
    """Of log_mel."""


def stack_of(width: int, channels: int, classes: int = 0) -> Stack:
    """One resolution's, of pictures with `channels`: kernels of 3 frames by 9 bins, then of 3 by 3."""
    layers: list[nn.Module] = [
        weight_norm(nn.Conv2d(channels, width, (3, 9), padding=(1, 4))),
        *(weight_norm(nn.Conv2d(width, width, (3, 9), (1, 2), (dilation, 4), (dilation, 1))) for dilation in DILATIONS),
        weight_norm(nn.Conv2d(width, width, 3, padding=1)),
    ]
    return Stack(layers, weight_norm(nn.Conv2d(width, 1, 3, padding=1)), 0.2, classes)


class MultiResolutionStft(nn.Module):
    """Wave [B, T] → an DiscriminatorOutput of each resolution."""

    def __init__(self, settings: Settings, sample_rate: int, classes: int = 0) -> None:
        """`classes`: of the head, 0 for none."""
        super().__init__()
        self.resolutions, self.view = settings.resolutions, settings.view
        self.stacks = nn.ModuleList(
            stack_of(settings.width, CHANNELS[settings.view], classes) for _ in settings.resolutions
        )
        for place, (n_fft, _) in enumerate(settings.resolutions):
            self.register_buffer(f"window_{place}", torch.hann_window(n_fft), persistent=False)
            if self.view == "log_mel":
                bank = melscale_fbanks(n_fft // 2 + 1, 0, sample_rate / 2, settings.mel_bands, sample_rate)
                self.register_buffer(f"bank_{place}", bank.T.contiguous(), persistent=False)

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        """See the class."""
        return [stack(self.picture(wave, place), classes) for place, stack in enumerate(self.stacks)]

    def picture(self, wave: Tensor, place: int) -> Tensor:
        """STFT at one of the resolutions, not centred, of power 1 for white noise of power 1: [B, C, frames, bins].

        C: real and imaginary part; or of mel bands the logarithm of the magnitude, from -1 for silence on, its steps
        to the next band and to the next frame (nepers), and the band's place from -1 to 1. A network could learn those
        steps; but they are a tenth of what levels are, and tell grain, lines and attacks.
        """
        n_fft, hop = self.resolutions[place]
        window: Tensor = self.get_buffer(f"window_{place}")
        with torch.autocast(wave.device.type, enabled=False):
            found = torch.stft(wave.float(), n_fft, hop, window=window, center=False, return_complex=True)
            found = torch.view_as_real(found / window.norm())
            if self.view == "complex":
                return found.permute(0, 3, 2, 1)
            bank: Tensor = self.get_buffer(f"bank_{place}")
            level = 0.5 * (bank @ found.square().sum(dim=3)).clamp(min=FLOOR**2).log().transpose(1, 2)
            to_band = functional.pad(level.diff(dim=2), (0, 1))
            to_frame = functional.pad(level.diff(dim=1), (0, 0, 0, 1))
            band = torch.linspace(-1, 1, level.shape[2], device=level.device).expand_as(level)
            return torch.stack([(level - math.log(FLOOR)) / RANGE - 1, to_band, to_frame, band], dim=1)


def build(settings: Settings, samples: int, sample_rate: int, classes: int) -> MultiResolutionStft:
    """Untrained. Raises UserError where a window is longer than the waves."""
    longest = max(n_fft for n_fft, _ in settings.resolutions)
    if longest > samples:
        raise UserError(
            f"multi_resolution_stft: waves of {samples} samples are shorter than a window of {longest}: "
            "take a smaller n_fft, or longer windows of sounds."
        )
    return MultiResolutionStft(settings, sample_rate, classes)
