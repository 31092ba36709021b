"""CNN14 of PANNs (Kong et al. 2020, package panns_inference) up to the frames of its last block."""

import importlib.util
import sys
import types
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from drumspace.classify.networks.front_end import AtRate, full_precision
from drumspace.classify.networks.trunk import Trunk, load_exactly
from drumspace.classify.training.augment import SpecMask
from drumspace.classify.training.settings import AugmentParams

PANNS_RATE = 32_000
"""Sample rate of the networks of Kong et al. 2020 (Hz)."""


class Cnn14Trunk(Trunk):
    """Base class of trunks on CNN14: `frames` computes one vector a frame, a subclass pools them."""

    features = 2048
    published_head = "fc_audioset."
    """Keys of AudioSet's output layer in the published file start with this."""

    def __init__(self, sample_rate: int, augment: AugmentParams) -> None:
        """Build CNN14 with its authors' initialisation, for waves at `sample_rate` (Hz)."""
        super().__init__()
        # Five poolings leave no frame of a clip under 0.31 s; one second is the shortest input of the pretraining.
        self.at_rate = AtRate(sample_rate, PANNS_RATE, min_seconds=1.0, peak_one=False)
        self.net = panns_models().Cnn14(PANNS_RATE, 1024, 320, 64, 50, 14_000, 1)
        # Its own SpecAugment masks more than half of a second, and its output layer has AudioSet's 527 classes.
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
            image = self.mask(mel.permute(0, 3, 1, 2)).transpose(2, 3)
        image = image.contiguous(memory_format=torch.channels_last)
        blocks = (net.conv_block1, net.conv_block2, net.conv_block3, net.conv_block4, net.conv_block5, net.conv_block6)
        for block in blocks:
            size = (1, 1) if block is net.conv_block6 else (2, 2)
            image = functional.dropout(block(image, pool_size=size, pool_type="avg"), 0.2, self.training)
        return image.mean(dim=3)

    def load_pretrained(self, state: dict[str, Tensor]) -> None:
        """Load the published weights, all but the output layer; see Trunk. The file of another network is refused."""
        load_exactly(self.net, state, but=(self.published_head, "spec_augmenter."))


def panns_models() -> Any:
    """Import panns_inference.models without its package, whose import runs wget to fetch a list of labels."""
    name = "panns_inference"
    if name not in sys.modules:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.submodule_search_locations is None:
            raise ModuleNotFoundError(f"{name} is not installed")
        package = types.ModuleType(name)
        package.__path__ = list(spec.submodule_search_locations)
        sys.modules[name] = package
    return importlib.import_module(f"{name}.models")
