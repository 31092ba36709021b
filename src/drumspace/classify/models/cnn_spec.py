"""A small convolutional network on the log-mel spectrogram, trained from scratch."""

from itertools import pairwise

import torch
from pydantic import Field
from torch import Tensor, nn

from drumspace.audio.params import MelParams
from drumspace.audio.spectral import mel_spectrogram
from drumspace.classify.augment import SpecMask
from drumspace.classify.params import TrainingParams
from drumspace.params import Params


class Settings(Params):
    """classify.models.cnn_spec."""

    mel: MelParams
    channels: list[int] = Field(min_length=1, max_length=6)
    """Channels of each block; every block halves bands and frames."""
    dropout: float = Field(ge=0, lt=1)
    mask_bands: int = Field(ge=0)
    """Widest stripe of mel bands hidden in training."""
    mask_frames: int = Field(ge=0)
    """Widest stripe of frames hidden in training."""
    training: TrainingParams


class Block(nn.Sequential):
    """Two 3x3 convolutions with batch normalisation, the first with stride 2. [B, C, F, N] → [B, C', F/2, N/2]."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        """`channels_in` → `channels_out` in the first convolution."""
        super().__init__(
            nn.Conv2d(channels_in, channels_out, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
        )


class CnnSpec(nn.Module):
    """wave → log-mel in [-1, 1] → blocks → mean and maximum over time, mean over bands → class."""

    def __init__(self, settings: Settings, sample_rate: int, n_classes: int) -> None:
        """Random weights, by torch's defaults."""
        super().__init__()
        self.settings, self.sample_rate = settings, sample_rate
        self.mask = SpecMask(settings.mask_bands, settings.mask_frames, value=-1.0)
        self.blocks = nn.Sequential(*(Block(*pair) for pair in pairwise([1, *settings.channels])))
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(2 * settings.channels[-1], n_classes)
        self.to(memory_format=torch.channels_last)

    def spectrum(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, 1, n_mels, frames]: dB below the clip's own peak, the floor at -1 and the peak at 1."""
        mel = mel_spectrogram(wave, self.sample_rate, self.settings.mel)
        below = mel - mel.amax(dim=(1, 2), keepdim=True)
        return (1 - 2 * below / self.settings.mel.floor_db).unsqueeze(1)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → logits [B, n_classes]."""
        # Channels last: convolutions on a CPU are about twice as fast.
        spectrum = self.mask(self.spectrum(wave)).contiguous(memory_format=torch.channels_last)
        frames = self.blocks(spectrum).mean(dim=2)
        return self.head(self.dropout(torch.cat([frames.mean(-1), frames.amax(-1)], dim=1)))


def build(settings: Settings, sample_rate: int, num_samples: int, n_classes: int) -> CnnSpec:
    """See drumspace.classify.registry.build; any number of samples will do."""
    return CnnSpec(settings, sample_rate, n_classes)
