"""CNN14 with decision-level attention: each frame predicts class probabilities, and attention averages them.

Cnn14_DecisionLevelAtt of Kong et al. 2020 for one class a clip: a frame's prediction is a softmax over classes.
"""

from torch import Tensor, nn
from torch.nn import functional

from drumspace.classify.networks.cnn14_trunk import Cnn14Trunk
from drumspace.classify.networks.network import Network
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """Settings classify.models.cnn14_dla of params.yaml."""


ATTENTION_LIMIT = 10.0
"""Attention logits are clamped to this value on both sides before their softmax, as in the authors' code."""


class FrameTrunk(Cnn14Trunk):
    """Embedding of each frame: pooled with its neighbours, then CNN14's fully connected layer."""

    published_head = "att_block."

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, frames, 2048]."""
        frames = self.frames(wave)
        frames = functional.max_pool1d(frames, 3, 1, 1) + functional.avg_pool1d(frames, 3, 1, 1)
        frames = functional.dropout(frames, 0.5, self.training).transpose(1, 2)
        return functional.relu(self.net.fc1(frames))


class DecisionLevelAttention(nn.Module):
    """Head: mean of the frames' class probabilities, weighted by attention, a softmax over frames for each class."""

    def __init__(self, features: int, n_outputs: int, settings: Settings) -> None:
        """Build the layers; embeddings of a frozen trunk are standardised first, as their scale is arbitrary."""
        super().__init__()
        self.norm = nn.BatchNorm1d(features, affine=False) if settings.trainable == "head" else nn.Identity()
        self.dropout = nn.Dropout(settings.dropout)
        self.attention = nn.Linear(features, n_outputs)
        self.decision = nn.Linear(features, n_outputs)

    def forward(self, frames: Tensor) -> Tensor:
        """[B, frames, features] → [B, n_outputs], logarithms of the mean probabilities."""
        frames = self.dropout(self.norm(frames.transpose(1, 2)).transpose(1, 2))
        attention = self.attention(frames).float().clamp(-ATTENTION_LIMIT, ATTENTION_LIMIT).softmax(dim=1)
        decision = self.decision(frames).float().softmax(dim=2)
        return (attention * decision).sum(dim=1).clamp(min=1e-7).log()


def build(settings: Settings, sample_rate: int, num_samples: int, n_outputs: int) -> Network:
    """Build the network (see networks.registry.build); it accepts clips of any length."""
    trunk = FrameTrunk(sample_rate, settings.training.augment)
    return Network(trunk, DecisionLevelAttention(trunk.features, n_outputs, settings), settings.trainable)
