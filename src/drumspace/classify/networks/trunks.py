"""Trunks of the networks: from a wave to an embedding."""

import importlib.util
import sys
import types
from itertools import pairwise
from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from drumspace.classify.networks.front_end import AtRate, LogMel, full_precision
from drumspace.classify.training.augment import SpecMask
from drumspace.classify.training.settings import AugmentParams
from drumspace.io.settings import Params


class Trunk(nn.Module):
    """Maps [B, T] to embeddings [B, features] or [B, frames, features]."""

    features: int

    def load_pretrained(self, state: dict[str, Tensor]) -> None:
        """Take the weights of a published file. Raises ValueError where keys or shapes do not fit."""
        raise ValueError("no published weights are known for it")


def load_exactly(module: nn.Module, state: dict[str, Tensor], but: tuple[str, ...]) -> None:
    """Load `state` into `module`. Keys that begin with one of `but` may be missing on either side.

    Raises ValueError, with the keys, where anything else is missing, left over or of another shape.
    """
    own = module.state_dict()
    wanted = {key for key in own if not key.startswith(but)}
    given = {key for key in state if not key.startswith(but)}
    shapes = sorted(key for key in wanted & given if own[key].shape != state[key].shape)
    problems = [f"missing {key}" for key in sorted(wanted - given)] + [
        f"unknown {key}" for key in sorted(given - wanted)
    ]
    problems += [f"{key} is {tuple(state[key].shape)}, not {tuple(own[key].shape)}" for key in shapes]
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise ValueError(f"{'; '.join(problems[:3])}{more}")
    module.load_state_dict({key: state[key] for key in wanted}, strict=False)


class SpectrumTrunkParams(Params):
    """A convolutional trunk on a spectrogram."""

    channels: list[int] = Field(min_length=1, max_length=6)
    """Channels of each block; every block halves bands and frames."""


class SpectrumTrunk(Trunk):
    """log-mel → blocks of two 3x3 convolutions → mean over bands, mean and maximum over time."""

    def __init__(self, front_end: LogMel, params: SpectrumTrunkParams) -> None:
        """Random weights, by torch's defaults."""
        super().__init__()
        self.front_end = front_end
        self.blocks = nn.Sequential(*(_spectrum_block(*pair) for pair in pairwise([1, *params.channels])))
        self.features = 2 * params.channels[-1]
        # Channels last: convolutions on a CPU are about twice as fast.
        self.to(memory_format=torch.channels_last)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, features]."""
        picture = self.front_end(wave).contiguous(memory_format=torch.channels_last)
        frames = self.blocks(picture).mean(dim=2)
        return torch.cat([frames.mean(-1), frames.amax(-1)], dim=1)


def _spectrum_block(channels_in: int, channels_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


class WaveTrunkParams(Params):
    """A convolutional trunk on the waveform."""

    kernel: int = Field(ge=3)
    """Samples of the first filter."""
    stride: int = Field(ge=1)
    """Samples from one place of the first filter to the next."""
    channels: list[int] = Field(min_length=1, max_length=8)
    """Of the first filters, then of each block; every block keeps every fourth place."""


class WaveTrunk(Trunk):
    """wave → long filters → blocks of two convolutions of length 3 → mean and maximum over time."""

    def __init__(self, params: WaveTrunkParams) -> None:
        """Random weights, by torch's defaults."""
        super().__init__()
        first = params.channels[0]
        self.first = nn.Sequential(
            nn.Conv2d(1, first, (1, params.kernel), (1, params.stride), (0, params.kernel // 2), bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(inplace=True),
        )
        self.blocks = nn.Sequential(*(_wave_block(*pair) for pair in pairwise(params.channels)))
        self.features = 2 * params.channels[-1]
        # As pictures one row high, channels last: a third faster on a CPU than convolutions of one dimension.
        self.to(memory_format=torch.channels_last)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, features]; each clip's peak is taken as 1."""
        wave = wave / wave.abs().amax(dim=1, keepdim=True).clamp(min=1e-5)
        picture = wave[:, None, None].contiguous(memory_format=torch.channels_last)
        places = self.blocks(self.first(picture))
        return torch.cat([places.mean(dim=(2, 3)), places.amax(dim=(2, 3))], dim=1)


def _wave_block(channels_in: int, channels_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, (1, 3), padding=(0, 1), bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels_out, channels_out, (1, 3), padding=(0, 1), bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
        # A clip shorter than the trunk was drawn for keeps its last place.
        nn.MaxPool2d((1, 4), ceil_mode=True),
    )


class ImageTrunkParams(Params):
    """The picture that a network of timm sees."""

    bands: int = Field(ge=32, le=512)
    frames: int = Field(ge=32, le=512)
    """The log-mel spectrogram is resized to bands x frames."""


class ImageTrunk(Trunk):
    """log-mel picture → resized → standardised as its ImageNet weights expect → a network of timm, pooled."""

    def __init__(self, name: str, front_end: LogMel, params: ImageTrunkParams, mean: float, std: float) -> None:
        """`name` of timm's; `mean` and `std` of the pictures in [0, 1] that its weights saw."""
        super().__init__()
        import timm

        self.front_end, self.size = front_end, (params.bands, params.frames)
        self.mean, self.std = mean, std
        # One channel: timm sums the weights of the three colours, which is what a grey picture would meet.
        net: Any = timm.create_model(name, num_classes=0, in_chans=1, pretrained=False)
        self.net, self.features = net, int(net.num_features)
        self.to(memory_format=torch.channels_last)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, features]."""
        picture = self.front_end(wave)
        picture = nn.functional.interpolate(picture, self.size, mode="bilinear", antialias=True)
        picture = ((picture + 1) / 2 - self.mean) / self.std
        return self.net(picture.contiguous(memory_format=torch.channels_last))

    def load_pretrained(self, state: dict[str, Tensor]) -> None:
        """Take timm's weights for three colours; see Trunk."""
        config = self.net.default_cfg
        first = f"{config['first_conv']}.weight"
        if first in state:
            state = {**state, first: state[first].sum(dim=1, keepdim=True)}
        load_exactly(self.net, state, but=(config["classifier"],))


PANNS_RATE = 32_000
"""Sample rate of the networks of Kong et al. 2020 (Hz)."""


class Cnn14Trunk(Trunk):
    """CNN14 of PANNs (Kong et al. 2020, panns_inference), up to one vector a frame of its last block."""

    features = 2048

    def __init__(self, sample_rate: int, augment: AugmentParams) -> None:
        """`sample_rate` of the waves to come (Hz); random weights, as the authors draw them."""
        super().__init__()
        # Under 0.31 s nothing is left after five poolings; the authors' one second is the least they heard.
        self.at_rate = AtRate(sample_rate, PANNS_RATE, min_seconds=1.0, peak_one=False)
        self.net = panns_models().Cnn14(PANNS_RATE, 1024, 320, 64, 50, 14_000, 1)
        # Its own SpecAugment hides more than half of a second, its AudioSet layer names 527 other classes.
        del self.net.spec_augmenter, self.net.fc_audioset
        self.mask = SpecMask(augment, value=0.0)
        self.to(memory_format=torch.channels_last)

    def frames(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, 2048, frames]."""
        net = self.net
        with full_precision(wave):
            mel = net.logmel_extractor(net.spectrogram_extractor(self.at_rate(wave)))
            mel = net.bn0(mel.transpose(1, 3))
            # bn0 standardises each band, so that 0 is its mean; the mask's axes are bands, then frames.
            picture = self.mask(mel.permute(0, 3, 1, 2)).transpose(2, 3)
        picture = picture.contiguous(memory_format=torch.channels_last)
        blocks = (net.conv_block1, net.conv_block2, net.conv_block3, net.conv_block4, net.conv_block5, net.conv_block6)
        for block in blocks:
            size = (1, 1) if block is net.conv_block6 else (2, 2)
            picture = functional.dropout(block(picture, pool_size=size, pool_type="avg"), 0.2, self.training)
        return picture.mean(dim=3)

    def load_pretrained(self, state: dict[str, Tensor]) -> None:
        """Take the weights of Cnn14_mAP=0.431.pth; see Trunk."""
        load_exactly(self.net, state, but=("fc_audioset.", "spec_augmenter."))


def panns_models() -> Any:
    """The module panns_inference.models, without its package: that runs wget when it is imported, for a label list."""
    name = "panns_inference"
    if name not in sys.modules:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.submodule_search_locations is None:
            raise ModuleNotFoundError(f"{name} is not installed")
        package = types.ModuleType(name)
        package.__path__ = list(spec.submodule_search_locations)
        sys.modules[name] = package
    return importlib.import_module(f"{name}.models")
