"""Networks: a trunk that embeds a wave, and a head that names its class."""

from typing import Literal

from torch import Tensor, nn

from drumspace.classify.networks.trunks import Trunk
from drumspace.classify.training.settings import NetworkSettings


class Network(nn.Module):
    """wave → trunk → embedding → head → logits."""

    def __init__(self, trunk: Trunk, head: nn.Module, trainable: Literal["all", "head"]) -> None:
        """`trunk`: [B, T] → embedding; `head`: embedding → [B, n_classes]."""
        super().__init__()
        self.trunk, self.head, self.trainable = trunk, head, trainable
        if trainable == "head":
            trunk.requires_grad_(False)
            trunk.eval()

    def embed(self, wave: Tensor) -> Tensor:
        """[B, T] → what the head takes, [B, features] or [B, frames, features]."""
        return self.trunk(wave)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → logits [B, n_classes]."""
        return self.head(self.embed(wave))

    def train(self, mode: bool = True) -> "Network":
        """See nn.Module.train; a frozen trunk stays in evaluation, so that its statistics don't move."""
        super().train(mode)
        if self.trainable == "head":
            self.trunk.eval()
        return self


def linear_head(features: int, n_classes: int, settings: NetworkSettings) -> nn.Module:
    """[B, features] → [B, n_classes]; embeddings of a frozen trunk are standardised first, as their scale is any."""
    layers: list[nn.Module] = [nn.BatchNorm1d(features, affine=False)] if settings.trainable == "head" else []
    return nn.Sequential(*layers, nn.Dropout(settings.dropout), nn.Linear(features, n_classes))
