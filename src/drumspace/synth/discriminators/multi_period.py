"""HiFi-GAN's discriminator (Kong, Kim & Bae 2020): every p-th sample in a row, for several p."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from drumspace.io.settings import Params
from drumspace.synth.models.discriminator.output import DiscriminatorOutput, Stack


class Settings(Params):
    """Sizes."""

    width: int = Field(ge=1)
    """Channels of the first layer; published 32."""
    periods: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    """In samples; published 2, 3, 5, 7, 11: with no common factor, so that they see different samples."""


def fold(wave: Tensor, period: int) -> Tensor:
    """Wave [B, T] → [B, 1, ⌈T / period⌉, period], row by row; the end is filled with its mirror image."""
    missing = -wave.shape[1] % period
    if missing:
        wave = functional.pad(wave.unsqueeze(1), (0, missing), mode="reflect").squeeze(1)
    return wave.unflatten(1, (-1, period)).unsqueeze(1)


def unfold(folded: Tensor, samples: int) -> Tensor:
    """`fold`'s inverse: [B, 1, rows, period] → wave [B, samples]."""
    return folded.flatten(1)[:, :samples]


def stack_of(width: int, classes: int = 0) -> Stack:
    """One period's: width → 4, 16, 32 and 32 times as many channels; no layer looks across columns."""
    channels = [1, width, 4 * width, 16 * width, 32 * width]
    layers: list[nn.Module] = [
        weight_norm(nn.Conv2d(before, after, (5, 1), (3, 1), (2, 0))) for before, after in pairwise(channels)
    ]
    layers.append(weight_norm(nn.Conv2d(channels[-1], channels[-1], (5, 1), padding=(2, 0))))
    return Stack(layers, weight_norm(nn.Conv2d(channels[-1], 1, (3, 1), padding=(1, 0))), 0.1, classes)


class MultiPeriod(nn.Module):
    """Wave [B, T] → an DiscriminatorOutput of each period."""

    def __init__(self, width: int, periods: tuple[int, ...], classes: int = 0) -> None:
        """See Settings; `classes`: of the head, 0 for none."""
        super().__init__()
        self.periods = periods
        self.stacks = nn.ModuleList(stack_of(width, classes) for _ in periods)

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        """See the class."""
        return [stack(fold(wave, period), classes) for period, stack in zip(self.periods, self.stacks, strict=True)]


def build(settings: Settings, samples: int, sample_rate: int, classes: int) -> MultiPeriod:
    """Untrained."""
    return MultiPeriod(settings.width, settings.periods, classes)
