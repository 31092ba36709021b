"""MelGAN's discriminator (Kumar et al. 2019): grouped strided convolutions on the waveform at several rates."""

from itertools import pairwise

from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from drumspace.io.settings import Params
from drumspace.synth.models.discriminator.output import DiscriminatorOutput, Stack

GROUP = 4
"""Channels per group of the strided convolutions, as published (16 channels in 4 groups, 64 in 16, …)."""


class Settings(Params):
    """Sizes of the network."""

    width: int = Field(ge=GROUP, multiple_of=GROUP)
    """Channels of the first layer; published 16."""
    scales: int = Field(ge=1, le=5)
    """Number of rates, each half of the one before; published 3."""


def build_stack(width: int, classes: int = 0) -> Stack:
    """Stack for one rate, with width, 4, 16, 64 and 64 times width channels."""
    channels = [width, 4 * width, 16 * width, 64 * width, 64 * width]
    first = nn.Conv1d(1, width, 15, padding=7, padding_mode="reflect")
    strided = [nn.Conv1d(before, after, 41, 4, 20, groups=before // GROUP) for before, after in pairwise(channels)]
    last = nn.Conv1d(channels[-1], channels[-1], 5, padding=2)
    layers: list[nn.Module] = [weight_norm(layer) for layer in (first, *strided, last)]
    return Stack(layers, weight_norm(nn.Conv1d(channels[-1], 1, 3, padding=1)), 0.2, classes)


class MultiScale(nn.Module):
    """Wave [B, T] → one DiscriminatorOutput per rate; each rate is half the one before."""

    def __init__(self, width: int, scales: int, classes: int = 0) -> None:
        """width, scales: as in Settings; classes: of the class head, 0 for none."""
        super().__init__()
        self.stacks = nn.ModuleList(build_stack(width, classes) for _ in range(scales))
        self.halve = nn.AvgPool1d(4, 2, padding=1, count_include_pad=False)

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        """Waves [B, T] and class weights → one output per rate."""
        values, outputs = wave.unsqueeze(1), []
        for scale, stack in enumerate(self.stacks):
            values = self.halve(values) if scale else values
            outputs.append(stack(values, classes))
        return outputs


def build(settings: Settings, samples: int, sample_rate: int, classes: int) -> MultiScale:
    """Build the untrained discriminator."""
    return MultiScale(settings.width, settings.scales, classes)
