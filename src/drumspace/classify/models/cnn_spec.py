"""A small convolutional network on the log-mel spectrogram, trained from scratch."""

from drumspace.audio.params import MelParams
from drumspace.classify.front_end import LogMel
from drumspace.classify.network import Network, linear_head
from drumspace.classify.params import NetworkSettings
from drumspace.classify.trunks import SpectrumTrunk, SpectrumTrunkParams


class Settings(NetworkSettings):
    """classify.models.cnn_spec."""

    mel: MelParams
    spectrum: SpectrumTrunkParams


def build(settings: Settings, sample_rate: int, num_samples: int, n_classes: int) -> Network:
    """See drumspace.classify.registry.build; any number of samples will do."""
    trunk = SpectrumTrunk(LogMel(settings.mel, sample_rate, settings.training.augment), settings.spectrum)
    return Network(trunk, linear_head(trunk.features, n_classes, settings), settings.trainable)
