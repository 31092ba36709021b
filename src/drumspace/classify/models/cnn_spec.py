"""A small convolutional network on the log-mel spectrogram, trained from scratch."""

from drumspace.audio.spectral.settings import MelParams
from drumspace.classify.networks.front_end import LogMel
from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.networks.spectrum_trunk import SpectrumTrunk, SpectrumTrunkParams
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """Settings classify.models.cnn_spec of params.yaml."""

    mel: MelParams
    spectrum: SpectrumTrunkParams


def build(settings: Settings, sample_rate: int, num_samples: int, n_outputs: int) -> Network:
    """Build the network (see networks.registry.build); it accepts clips of any length."""
    trunk = SpectrumTrunk(LogMel(settings.mel, sample_rate, settings.training.augment), settings.spectrum)
    return Network(trunk, linear_head(trunk.features, n_outputs, settings), settings.trainable)
