"""Network: a trunk that embeds a wave, and a head that classifies the embedding."""

from typing import Literal

from torch import Tensor, nn

from drumspace.classify.networks.trunk import Trunk
from drumspace.classify.training.settings import NetworkSettings


class Network(nn.Module):
    """Classifier: wave → trunk → embedding → head → logits."""

    def __init__(self, trunk: Trunk, head: nn.Module, trainable: Literal["all", "head"]) -> None:
        """Combine `trunk`, [B, T] → embedding, and `head`, embedding → [B, n_outputs]; "head" freezes the trunk."""
        super().__init__()
        self.trunk, self.head, self.trainable = trunk, head, trainable
        if trainable == "head":
            trunk.requires_grad_(False)
            trunk.eval()

    def embed(self, wave: Tensor) -> Tensor:
        """Embedding, the input of the head: [B, T] → [B, features] or [B, frames, features]."""
        return self.trunk(wave)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → logits [B, n_outputs]."""
        return self.head(self.embed(wave))

    def train(self, mode: bool = True) -> "Network":
        """Set the mode, as nn.Module.train; a frozen trunk stays in evaluation mode, to keep its batch statistics."""
        super().train(mode)
        if self.trainable == "head":
            self.trunk.eval()
        return self


def linear_head(features: int, n_outputs: int, settings: NetworkSettings) -> nn.Module:
    """Head [B, features] → [B, n_outputs]; standardises embeddings of a frozen trunk, as their scale is arbitrary."""
    layers: list[nn.Module] = [nn.BatchNorm1d(features, affine=False)] if settings.trainable == "head" else []
    return nn.Sequential(*layers, nn.Dropout(settings.dropout), nn.Linear(features, n_outputs))
