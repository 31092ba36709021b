"""A convolutional network on the waveform, trained from scratch."""

from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.networks.wave_trunk import WaveTrunk, WaveTrunkParams
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """Settings classify.models.cnn_raw of params.yaml."""

    wave: WaveTrunkParams


def build(settings: Settings, sample_rate: int, num_samples: int, n_outputs: int) -> Network:
    """Build the network (see networks.registry.build); it accepts clips of any length."""
    trunk = WaveTrunk(settings.wave)
    return Network(trunk, linear_head(trunk.features, n_outputs, settings), settings.trainable)
