"""MelGAN's discriminator (Kumar et al. 2019): the waveform at several rates, by grouped strided convolutions."""

from itertools import pairwise

from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from drumspace.io.settings import Params
from drumspace.synth.models.discriminator.output import DiscriminatorOutput, Stack

STRIDED = 4
"""Convolutions of kernel 41 and stride 4."""
GROUP = 4
"""Channels of a group of theirs, as published (16 channels in 4 groups, 64 in 16, …)."""


class Settings(Params):
    """Sizes."""

    width: int = Field(ge=GROUP, multiple_of=GROUP)
    """Channels of the first layer; published 16."""
    scales: int = Field(ge=1, le=5)
    """Rates, each half the one before; published 3."""


def stack_of(width: int, classes: int = 0) -> Stack:
    """One rate's: width → 4, 16, 64 and 64 times as many channels."""
    channels = [width, 4 * width, 16 * width, 64 * width, 64 * width]
    first = nn.Conv1d(1, width, 15, padding=7, padding_mode="reflect")
    strided = [nn.Conv1d(before, after, 41, 4, 20, groups=before // GROUP) for before, after in pairwise(channels)]
    last = nn.Conv1d(channels[-1], channels[-1], 5, padding=2)
    layers: list[nn.Module] = [weight_norm(layer) for layer in (first, *strided, last)]
    return Stack(layers, weight_norm(nn.Conv1d(channels[-1], 1, 3, padding=1)), 0.2, classes)


class MultiScale(nn.Module):
    """Wave [B, T] → one DiscriminatorOutput per rate; each rate is half the one before."""

    def __init__(self, width: int, scales: int, classes: int = 0) -> None:
        """See Settings; `classes`: of the head, 0 for none."""
        super().__init__()
        self.stacks = nn.ModuleList(stack_of(width, classes) for _ in range(scales))
        self.halve = nn.AvgPool1d(4, 2, padding=1, count_include_pad=False)

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        """See the class."""
        values, opinions = wave.unsqueeze(1), []
        for scale, stack in enumerate(self.stacks):
            values = self.halve(values) if scale else values
            opinions.append(stack(values, classes))
        return opinions


def build(settings: Settings, samples: int, sample_rate: int, classes: int) -> MultiScale:
    """Untrained."""
    return MultiScale(settings.width, settings.scales, classes)
