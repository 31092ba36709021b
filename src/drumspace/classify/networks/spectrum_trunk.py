"""A convolutional trunk on the log-mel spectrogram."""

from itertools import pairwise

import torch
from pydantic import Field
from torch import Tensor, nn

from drumspace.classify.networks.front_end import LogMel
from drumspace.classify.networks.trunk import Trunk
from drumspace.io.settings import Params


class SpectrumTrunkParams(Params):
    """Settings of a convolutional trunk on a spectrogram."""

    channels: list[int] = Field(min_length=1, max_length=6)
    """Channels of each block; every block halves bands and frames."""


class SpectrumTrunk(Trunk):
    """log-mel → blocks of two 3x3 convolutions → mean over bands, mean and maximum over time."""

    def __init__(self, front_end: LogMel, params: SpectrumTrunkParams) -> None:
        """Build the layers with torch's default initialisation."""
        super().__init__()
        self.front_end = front_end
        self.blocks = nn.Sequential(*(_block(*pair) for pair in pairwise([1, *params.channels])))
        self.features = 2 * params.channels[-1]
        # Channels last: convolutions on a CPU are about twice as fast.
        self.to(memory_format=torch.channels_last)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, features]."""
        spectrogram = self.front_end(wave).contiguous(memory_format=torch.channels_last)
        frames = self.blocks(spectrogram).mean(dim=2)
        return torch.cat([frames.mean(-1), frames.amax(-1)], dim=1)


def _block(channels_in: int, channels_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )
