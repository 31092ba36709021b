"""EfficientNet-Lite0 (timm) on the spectrogram as an image."""

from torch import Tensor

from drumspace.audio.spectral.settings import MelParams
from drumspace.classify.networks.front_end import LogMel
from drumspace.classify.networks.image_trunk import ImageTrunk, ImageTrunkParams
from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """Settings classify.models.efficientnet_lite0 of params.yaml."""

    mel: MelParams
    picture: ImageTrunkParams


class LiteTrunk(ImageTrunk):
    """timm's tf_efficientnet_lite0; the published file has the same tensors under other names."""

    def load_pretrained(self, state: dict[str, Tensor]) -> None:
        """Load the weights of efficientnet-lite0-57934424.pth, matched by their order; see Trunk."""
        names = [*self.net.state_dict(), "classifier.weight", "classifier.bias"]
        if len(state) != len(names):
            raise ValueError(f"the file holds {len(state)} tensors, not {len(names)}")
        super().load_pretrained(dict(zip(names, state.values(), strict=True)))


def build(settings: Settings, sample_rate: int, num_samples: int, n_outputs: int) -> Network:
    """Build the network (see networks.registry.build); it accepts clips of any length."""
    front_end = LogMel(settings.mel, sample_rate, settings.training.augment)
    trunk = LiteTrunk("tf_efficientnet_lite0", front_end, settings.picture, mean=0.5, std=0.5)
    return Network(trunk, linear_head(trunk.features, n_outputs, settings), settings.trainable)
