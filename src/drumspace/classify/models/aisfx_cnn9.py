"""CNN9 of aisfx (Cross-dataset sound effects, X-Sequential-CE): pretrained on sounds at 44.1 kHz."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from drumspace.audio.spectral.stft import stft_power
from drumspace.audio.spectral.transforms import mel_weights
from drumspace.classify.networks.front_end import AtRate, full_precision
from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.networks.trunk import Trunk, load_exactly
from drumspace.classify.training.augment import SpecMask
from drumspace.classify.training.settings import AugmentParams, NetworkSettings

RATE, N_FFT, HOP, BANDS = 44_100, 2048, 1024, 96
MAX_LOG_MEL = 9.457798957824707
"""Largest log-mel value of the authors' training set, by which the input is divided."""


class Settings(NetworkSettings):
    """Settings classify.models.aisfx_cnn9 of params.yaml."""


class Block(nn.Module):
    """Two 3x3 convolutions with batch normalisation, named as in the checkpoint."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        """Build the block; the first convolution maps `channels_in` to `channels_out`."""
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(channels_out), nn.BatchNorm2d(channels_out)

    def forward(self, image: Tensor) -> Tensor:
        """[B, C, frames, bands] → [B, C', frames, bands]."""
        image = functional.relu(self.bn1(self.conv1(image)))
        return functional.relu(self.bn2(self.conv2(image)))


class AisfxTrunk(Trunk):
    """96 HTK mel bands of unit sum → log10(1 + 10⁴·power) → four blocks → mean over bands, maximum over time."""

    bank: Tensor

    def __init__(self, sample_rate: int, augment: AugmentParams) -> None:
        """Build the trunk for waves at `sample_rate` (Hz)."""
        super().__init__()
        self.at_rate = AtRate(sample_rate, RATE, min_seconds=8 * HOP / RATE, peak_one=True)
        bank = mel_weights(RATE, N_FFT, BANDS, area_one=False)
        self.register_buffer("bank", bank / bank.sum(dim=1, keepdim=True), persistent=False)
        self.mask = SpecMask(augment, value=0.0)
        widths = [1, 64, 128, 256, 512]
        self.blocks = nn.ModuleDict({f"conv_block{n}": Block(*pair) for n, pair in enumerate(pairwise(widths), 1)})
        self.features = widths[-1]
        self.to(memory_format=torch.channels_last)

    def image(self, wave: Tensor) -> Tensor:
        """Log-mel image: [B, T] → [B, 1, frames, bands], 0 for silence."""
        with full_precision(wave):
            mel = self.bank @ stft_power(self.at_rate(wave), N_FFT, HOP)
            return self.mask((torch.log10(1 + 1e4 * mel) / MAX_LOG_MEL).unsqueeze(1)).transpose(2, 3)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, 512]."""
        image = self.image(wave).contiguous(memory_format=torch.channels_last)
        for name, block in self.blocks.items():
            image = block(image)
            if name != "conv_block4":
                image = functional.max_pool2d(image, 2)
        return image.mean(dim=3).amax(dim=2)

    def load_pretrained(self, state: dict[str, Tensor]) -> None:
        """Load the embedding network of aisfx's checkpoint.pth; see Trunk."""
        prefix = "embedding_net."
        load_exactly(self.blocks, {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}, but=())


def build(settings: Settings, sample_rate: int, num_samples: int, n_outputs: int) -> Network:
    """Build the network (see networks.registry.build); it accepts clips of any length."""
    trunk = AisfxTrunk(sample_rate, settings.training.augment)
    return Network(trunk, linear_head(trunk.features, n_outputs, settings), settings.trainable)
