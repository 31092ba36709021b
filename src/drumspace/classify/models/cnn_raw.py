"""A convolutional network on the waveform, trained from scratch."""

from drumspace.classify.network import Network, linear_head
from drumspace.classify.params import NetworkSettings
from drumspace.classify.trunks import WaveTrunk, WaveTrunkParams


class Settings(NetworkSettings):
    """classify.models.cnn_raw."""

    wave: WaveTrunkParams


def build(settings: Settings, sample_rate: int, num_samples: int, n_classes: int) -> Network:
    """See drumspace.classify.registry.build; any number of samples will do."""
    trunk = WaveTrunk(settings.wave)
    return Network(trunk, linear_head(trunk.features, n_classes, settings), settings.trainable)
