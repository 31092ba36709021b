"""The SING autoencoder (Défossez et al. 2018): windowed strided filters with 1 x 1 convolutions in between.

The published width is 4,096. The VAE adds its sampling layer between encoder and decoder.
"""

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from drumspace.io.settings import Params
from drumspace.synth.models.vae.interface import DecoderOutput, EncoderDecoder, Segment, extract_segments

KERNEL, STRIDE = 1024, 256
"""Kernel size and stride of the filters, samples."""
CONTEXT = 9
"""Kernel size of the decoder's first layer, without padding, frames."""
PADDING = 2304
"""Zero padding before and after a wave, samples: the decoder needs the frames."""
TRIM = 768
"""Padding of the last transposed convolution, which cuts as many samples at either end."""
CROP = 512
"""Samples to cut at either end of the output."""


class Settings(Params):
    """Sizes of the network."""

    width: int = Field(ge=1)
    """Channels between the layers; published 4,096."""
    features: int = Field(ge=1)
    """Channels between encoder and decoder; published 128."""


def num_frames(num_samples: int) -> int:
    """Number of frames of a wave, padded to whole strides and by PADDING at either end."""
    whole = -(-num_samples // STRIDE) * STRIDE
    return (whole + 2 * PADDING - KERNEL) // STRIDE + 1


def squared_hann() -> Tensor:
    """Squared Hann window of every filter: [KERNEL]."""
    return torch.hann_window(KERNEL).square()


class SingEncoder(nn.Module):
    """Wave [B, T] → features [B, features, num_frames(T)]."""

    window: Tensor

    def __init__(self, width: int, features: int = 128) -> None:
        """width: channels between the layers; features: output channels."""
        super().__init__()
        self.filters = nn.Conv1d(1, width, KERNEL, STRIDE)
        self.layers = nn.Sequential(
            nn.ReLU(), nn.Conv1d(width, width, 1), nn.ReLU(), nn.Conv1d(width, width, 1), nn.ReLU(),
            nn.Conv1d(width, features, 1),
        )  # fmt: skip
        self.register_buffer("window", squared_hann(), persistent=False)

    def forward(self, wave: Tensor) -> Tensor:
        """Waves [B, T] → features [B, features, frames]."""
        missing = -wave.shape[1] % STRIDE
        padded = functional.pad(wave, (PADDING, PADDING + missing)).unsqueeze(1)
        frames = functional.conv1d(padded, self.filters.weight * self.window, self.filters.bias, STRIDE)
        return self.layers(frames)


class SingDecoder(nn.Module):
    """Features [B, features, frames_of(T)] → wave [B, T], by linear filters alone."""

    window: Tensor

    def __init__(self, width: int, features: int, num_samples: int) -> None:
        """num_samples: length T of the waves."""
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
        two_renderings: bool = False,
        segment: Segment | None = None,
    ) -> DecoderOutput:
        """Features → waves. The decoder generates no noise: `generator` and `two_renderings` have no effect."""
        if segment is not None:
            # The first frame that overlaps a stride starts CROP + TRIM - KERNEL samples later; the first layer takes
            # CONTEXT - 1 more.
            before = (CROP + TRIM - KERNEL) // STRIDE + 1
            count = segment.samples // STRIDE + KERNEL // STRIDE - 1
            frames = self.layers(extract_segments(features, segment.start + before, count + CONTEXT - 1))
            return DecoderOutput(self._wave(frames))
        return DecoderOutput(self._wave(self.layers(features))[:, CROP : CROP + self.num_samples])

    def _wave(self, frames: Tensor) -> Tensor:
        weight = self.filters.weight * self.window
        return functional.conv_transpose1d(frames, weight, self.filters.bias, STRIDE, TRIM).squeeze(1)


def build(settings: Settings, sample_rate: int, num_samples: int) -> EncoderDecoder:
    """Build an untrained encoder and decoder; they do not depend on the sample rate."""
    features = settings.features
    encoder = SingEncoder(settings.width, features)
    decoder = SingDecoder(settings.width, features, num_samples)
    return EncoderDecoder(encoder, decoder, features, features, num_frames(num_samples), STRIDE)
