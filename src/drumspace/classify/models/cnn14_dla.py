"""CNN14 with decision-level attention: each frame of its last block decides, attention weighs the decisions.

Kong et al. 2020's Cnn14_DecisionLevelAtt for one class a clip: a frame's decision is a softmax over classes.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from drumspace.classify.networks.network import Network
from drumspace.classify.networks.trunks import Cnn14Trunk
from drumspace.classify.training.settings import NetworkSettings


class Settings(NetworkSettings):
    """classify.models.cnn14_dla."""


class FrameTrunk(Cnn14Trunk):
    """CNN14's fully connected layer for each frame, its neighbours pooled in."""

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, frames, 2048]."""
        frames = self.frames(wave)
        frames = functional.max_pool1d(frames, 3, 1, 1) + functional.avg_pool1d(frames, 3, 1, 1)
        frames = functional.dropout(frames, 0.5, self.training).transpose(1, 2)
        return functional.relu(self.net.fc1(frames))


class DecisionLevelAttention(nn.Module):
    """Σ over frames of attention times decision; attention is a softmax over frames for each class."""

    def __init__(self, features: int, n_classes: int, settings: Settings) -> None:
        """Embeddings of a frozen trunk are standardised first, as their scale is any."""
        super().__init__()
        self.norm = nn.BatchNorm1d(features, affine=False) if settings.trainable == "head" else nn.Identity()
        self.dropout = nn.Dropout(settings.dropout)
        self.attention = nn.Linear(features, n_classes)
        self.decision = nn.Linear(features, n_classes)

    def forward(self, frames: Tensor) -> Tensor:
        """[B, frames, features] → [B, n_classes], logarithms of the weighed probabilities."""
        frames = self.dropout(self.norm(frames.transpose(1, 2)).transpose(1, 2))
        attention = torch.tanh(self.attention(frames).float()).softmax(dim=1)
        decision = self.decision(frames).float().softmax(dim=2)
        return (attention * decision).sum(dim=1).clamp(min=1e-7).log()


def build(settings: Settings, sample_rate: int, num_samples: int, n_classes: int) -> Network:
    """See drumspace.classify.networks.registry.build; any number of samples will do."""
    trunk = FrameTrunk(sample_rate, settings.training.augment)
    return Network(trunk, DecisionLevelAttention(trunk.features, n_classes, settings), settings.trainable)
