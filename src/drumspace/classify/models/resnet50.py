"""ResNet50 (He et al. 2016, timm) on the spectrogram as an image."""

from drumspace.audio.spectral.settings import MelParams
from drumspace.classify.networks.front_end import LogMel
from drumspace.classify.networks.image_trunk import ImageTrunk, ImageTrunkParams
from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """Settings classify.models.resnet50 of params.yaml."""

    mel: MelParams
    picture: ImageTrunkParams


def build(settings: Settings, sample_rate: int, num_samples: int, n_outputs: int) -> Network:
    """Build the network (see networks.registry.build); it accepts clips of any length."""
    front_end = LogMel(settings.mel, sample_rate, settings.training.augment)
    trunk = ImageTrunk("resnet50", front_end, settings.picture, mean=0.449, std=0.226)
    return Network(trunk, linear_head(trunk.features, n_outputs, settings), settings.trainable)
