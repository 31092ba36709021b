"""Both at once, trained from scratch: what a network on the waveform and one on the spectrogram hear, side by side."""

import torch
from torch import Tensor

from drumspace.audio.spectral.settings import MelParams
from drumspace.classify.networks.front_end import LogMel
from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.networks.trunks import SpectrumTrunk, SpectrumTrunkParams, Trunk, WaveTrunk, WaveTrunkParams
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """classify.models.cnn_raw_spec."""

    wave: WaveTrunkParams
    mel: MelParams
    spectrum: SpectrumTrunkParams


class BothTrunks(Trunk):
    """[B, T] → both embeddings, joined."""

    def __init__(self, wave: WaveTrunk, spectrum: SpectrumTrunk) -> None:
        """The two, each as its own model has it."""
        super().__init__()
        self.wave, self.spectrum = wave, spectrum
        self.features = wave.features + spectrum.features

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, features]."""
        return torch.cat([self.wave(wave), self.spectrum(wave)], dim=1)


def build(settings: Settings, sample_rate: int, num_samples: int, n_classes: int) -> Network:
    """See drumspace.classify.networks.registry.build; any number of samples will do."""
    spectrum = SpectrumTrunk(LogMel(settings.mel, sample_rate, settings.training.augment), settings.spectrum)
    trunk = BothTrunks(WaveTrunk(settings.wave), spectrum)
    return Network(trunk, linear_head(trunk.features, n_classes, settings), settings.trainable)
