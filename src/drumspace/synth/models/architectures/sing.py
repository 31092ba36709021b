"""The SING autoencoder (Défossez et al. 2018): strided filters under a squared Hann window, and 1 x 1 layers between.

The published width is 4,096. Between encoder and decoder the VAE puts its sampling layer.
"""

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from drumspace.io.settings import Params
from drumspace.synth.models.vae.interface import DecoderOutput, Pair, Segment, part_of

KERNEL, STRIDE = 1024, 256
"""Samples of a filter, and from frame to frame."""
CONTEXT = 9
"""Frames that the decoder's first layer sees, without padding."""
PADDING = 2304
"""Samples put before and after a wave, so that the decoder has frames enough."""
TRIM = 768
"""Samples that the last layer cuts at either end (its padding)."""
CROP = 512
"""What is left over at either end of the output."""


class Settings(Params):
    """Sizes."""

    width: int = Field(ge=1)
    """Channels between the layers; published 4,096."""
    features: int = Field(ge=1)
    """Channels between encoder and decoder; published 128."""


def frames_of(num_samples: int) -> int:
    """Frames of a wave: its samples, filled up to whole strides, and PADDING at either end."""
    whole = -(-num_samples // STRIDE) * STRIDE
    return (whole + 2 * PADDING - KERNEL) // STRIDE + 1


def squared_hann() -> Tensor:
    """The window on every filter, [KERNEL]."""
    return torch.hann_window(KERNEL).square()


class SingEncoder(nn.Module):
    """Wave [B, T] → features [B, features, frames_of(T)]."""

    window: Tensor

    def __init__(self, width: int, features: int = 128) -> None:
        """`width` channels between the layers."""
        super().__init__()
        self.filters = nn.Conv1d(1, width, KERNEL, STRIDE)
        self.layers = nn.Sequential(
            nn.ReLU(), nn.Conv1d(width, width, 1), nn.ReLU(), nn.Conv1d(width, width, 1), nn.ReLU(),
            nn.Conv1d(width, features, 1),
        )  # fmt: skip
        self.register_buffer("window", squared_hann(), persistent=False)

    def forward(self, wave: Tensor) -> Tensor:
        """See the class."""
        missing = -wave.shape[1] % STRIDE
        padded = functional.pad(wave, (PADDING, PADDING + missing)).unsqueeze(1)
        frames = functional.conv1d(padded, self.filters.weight * self.window, self.filters.bias, STRIDE)
        return self.layers(frames)


class SingDecoder(nn.Module):
    """Features [B, features, frames_of(T)] → wave [B, T], by linear filters alone."""

    window: Tensor

    def __init__(self, width: int, features: int, num_samples: int) -> None:
        """`num_samples` is T."""
        super().__init__()
        self.num_samples = num_samples
        self.layers = nn.Sequential(
            nn.Conv1d(features, width, CONTEXT), nn.ReLU(), nn.Conv1d(width, width, 1), nn.ReLU(),
            nn.Conv1d(width, width, 1), nn.ReLU(),
        )  # fmt: skip
        self.filters = nn.ConvTranspose1d(width, 1, KERNEL, STRIDE, TRIM)
        self.register_buffer("window", squared_hann(), persistent=False)

    def forward(
        self,
        features: Tensor,
        generator: torch.Generator | None = None,
        twice: bool = False,
        segment: Segment | None = None,
    ) -> DecoderOutput:
        """See the class; there is no noise to make, and no second wave."""
        if segment is not None:
            # The frames that reach a stride's samples begin CROP + TRIM - KERNEL samples later, and CONTEXT - 1 more
            # are seen with them.
            before = (CROP + TRIM - KERNEL) // STRIDE + 1
            count = segment.samples // STRIDE + KERNEL // STRIDE - 1
            frames = self.layers(part_of(features, segment.start + before, count + CONTEXT - 1))
            return DecoderOutput(self._wave(frames))
        return DecoderOutput(self._wave(self.layers(features))[:, CROP : CROP + self.num_samples])

    def _wave(self, frames: Tensor) -> Tensor:
        weight = self.filters.weight * self.window
        return functional.conv_transpose1d(frames, weight, self.filters.bias, STRIDE, TRIM).squeeze(1)


def build(settings: Settings, sample_rate: int, num_samples: int) -> Pair:
    """The two, untrained; the sample rate is nothing to them."""
    features = settings.features
    encoder = SingEncoder(settings.width, features)
    decoder = SingDecoder(settings.width, features, num_samples)
    return Pair(encoder, decoder, features, features, frames_of(num_samples), STRIDE)
