"""HiFi-GAN's discriminator (Kong, Kim & Bae 2020): the wave folded to rows of p samples, for several p."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from drumspace.io.settings import Params
from drumspace.synth.models.discriminator.output import DiscriminatorOutput, Stack


class Settings(Params):
    """Sizes of the network."""

    width: int = Field(ge=1)
    """Channels of the first layer; published 32."""
    periods: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    """Periods in samples; published 2, 3, 5, 7, 11: primes, so that they overlap little."""


def fold(wave: Tensor, period: int) -> Tensor:
    """Wave [B, T] → [B, 1, ⌈T / period⌉, period], row by row, padded by reflection."""
    missing = -wave.shape[1] % period
    if missing:
        wave = functional.pad(wave.unsqueeze(1), (0, missing), mode="reflect").squeeze(1)
    return wave.unflatten(1, (-1, period)).unsqueeze(1)


def unfold(folded: Tensor, samples: int) -> Tensor:
    """Inverse of `fold`: [B, 1, rows, period] → wave [B, samples]."""
    return folded.flatten(1)[:, :samples]


def build_stack(width: int, classes: int = 0) -> Stack:
    """Stack for one period, with width, 4, 16, 32 and 32 times width channels; kernels span one column."""
    channels = [1, width, 4 * width, 16 * width, 32 * width]
    layers: list[nn.Module] = [
        weight_norm(nn.Conv2d(before, after, (5, 1), (3, 1), (2, 0))) for before, after in pairwise(channels)
    ]
    layers.append(weight_norm(nn.Conv2d(channels[-1], channels[-1], (5, 1), padding=(2, 0))))
    return Stack(layers, weight_norm(nn.Conv2d(channels[-1], 1, (3, 1), padding=(1, 0))), 0.1, classes)


class MultiPeriod(nn.Module):
    """Waves [B, T] → one DiscriminatorOutput per period."""

    def __init__(self, width: int, periods: tuple[int, ...], classes: int = 0) -> None:
        """width, periods: as in Settings; classes: of the class head, 0 for none."""
        super().__init__()
        self.periods = periods
        self.stacks = nn.ModuleList(build_stack(width, classes) for _ in periods)

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        """Waves [B, T] and class weights → one output per period."""
        return [stack(fold(wave, period), classes) for period, stack in zip(self.periods, self.stacks, strict=True)]


def build(settings: Settings, samples: int, sample_rate: int, classes: int) -> MultiPeriod:
    """Build the untrained discriminator."""
    return MultiPeriod(settings.width, settings.periods, classes)
