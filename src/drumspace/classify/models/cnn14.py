"""CNN14 of PANNs (Kong et al. 2020), its last dropout at the thesis's 0.2 by default."""

from torch import Tensor
from torch.nn import functional

from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.networks.trunks import Cnn14Trunk
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """classify.models.cnn14."""


class ClipTrunk(Cnn14Trunk):
    """Mean and maximum over frames, then CNN14's own fully connected layer."""

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, 2048]."""
        frames = self.frames(wave)
        clip = functional.dropout(frames.amax(dim=2) + frames.mean(dim=2), 0.5, self.training)
        return functional.relu(self.net.fc1(clip))


def build(settings: Settings, sample_rate: int, num_samples: int, n_classes: int) -> Network:
    """See drumspace.classify.networks.registry.build; any number of samples will do."""
    trunk = ClipTrunk(sample_rate, settings.training.augment)
    return Network(trunk, linear_head(trunk.features, n_classes, settings), settings.trainable)
