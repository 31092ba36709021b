"""A network with two trunks, on the waveform and on the spectrogram, trained from scratch."""

import torch
from torch import Tensor

from drumspace.audio.spectral.settings import MelParams
from drumspace.classify.networks.front_end import LogMel
from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.networks.spectrum_trunk import SpectrumTrunk, SpectrumTrunkParams
from drumspace.classify.networks.trunk import Trunk
from drumspace.classify.networks.wave_trunk import WaveTrunk, WaveTrunkParams
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """Settings classify.models.cnn_raw_spec of params.yaml."""

    wave: WaveTrunkParams
    mel: MelParams
    spectrum: SpectrumTrunkParams


class BothTrunks(Trunk):
    """Concatenated embeddings of a trunk on the waveform and one on the spectrogram."""

    def __init__(self, wave: WaveTrunk, spectrum: SpectrumTrunk) -> None:
        """Combine the trunks of cnn_raw and cnn_spec."""
        super().__init__()
        self.wave, self.spectrum = wave, spectrum
        self.features = wave.features + spectrum.features

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, features]."""
        return torch.cat([self.wave(wave), self.spectrum(wave)], dim=1)


def build(settings: Settings, sample_rate: int, num_samples: int, n_outputs: int) -> Network:
    """Build the network (see networks.registry.build); it accepts clips of any length."""
    spectrum = SpectrumTrunk(LogMel(settings.mel, sample_rate, settings.training.augment), settings.spectrum)
    trunk = BothTrunks(WaveTrunk(settings.wave), spectrum)
    return Network(trunk, linear_head(trunk.features, n_outputs, settings), settings.trainable)
