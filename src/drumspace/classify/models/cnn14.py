"""CNN14 of PANNs (Kong et al. 2020) with one embedding a clip; the last dropout is 0.2 by default, as in the thesis."""

from torch import Tensor
from torch.nn import functional

from drumspace.classify.networks.cnn14_trunk import Cnn14Trunk
from drumspace.classify.networks.network import Network, linear_head
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """Settings classify.models.cnn14 of params.yaml."""


class ClipTrunk(Cnn14Trunk):
    """Embedding of a clip: sum of mean and maximum over frames, then CNN14's fully connected layer."""

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, 2048]."""
        frames = self.frames(wave)
        clip = functional.dropout(frames.amax(dim=2) + frames.mean(dim=2), 0.5, self.training)
        return functional.relu(self.net.fc1(clip))


def build(settings: Settings, sample_rate: int, num_samples: int, n_outputs: int) -> Network:
    """Build the network (see networks.registry.build); it accepts clips of any length."""
    trunk = ClipTrunk(sample_rate, settings.training.augment)
    return Network(trunk, linear_head(trunk.features, n_outputs, settings), settings.trainable)
