"""ResNet50 (He et al. 2016, timm) on the spectrogram as a picture."""

from drumspace.audio.spectral.settings import MelParams
from drumspace.classify.networks.front_end import LogMel
from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.networks.trunks import ImageTrunk, ImageTrunkParams
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """classify.models.resnet50."""

    mel: MelParams
    picture: ImageTrunkParams


def build(settings: Settings, sample_rate: int, num_samples: int, n_classes: int) -> Network:
    """See drumspace.classify.networks.registry.build; any number of samples will do."""
    front_end = LogMel(settings.mel, sample_rate, settings.training.augment)
    trunk = ImageTrunk("resnet50", front_end, settings.picture, mean=0.449, std=0.226)
    return Network(trunk, linear_head(trunk.features, n_classes, settings), settings.trainable)
