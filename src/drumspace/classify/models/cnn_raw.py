"""A convolutional network on the waveform, trained from scratch."""

from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.networks.trunks import WaveTrunk, WaveTrunkParams
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """classify.models.cnn_raw."""

    wave: WaveTrunkParams


def build(settings: Settings, sample_rate: int, num_samples: int, n_classes: int) -> Network:
    """See drumspace.classify.networks.registry.build; any number of samples will do."""
    trunk = WaveTrunk(settings.wave)
    return Network(trunk, linear_head(trunk.features, n_classes, settings), settings.trainable)
