"""What a discriminator gives, and the head by which it can be told a class."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class DiscriminatorOutput(NamedTuple):
    """Of one stack of layers on a batch of waves."""

    scores: Tensor
    """[B, n]: how real each of the n windows sounds that its last layer sees; unbounded."""
    features: list[Tensor]
    """Of its layers but the last, [B, C, …] each, for feature matching."""


class ClassHead(nn.Module):
    """Scores a feature by its class: ⟨embedding of the class, feature⟩ (Miyato and Koyama 2018, eq. 4)."""

    def __init__(self, classes: int, channels: int) -> None:
        """`classes` and one for none, of features of `channels`."""
        super().__init__()
        self.embedding = nn.Linear(classes + 1, channels, bias=False)
        # A head that begins at nothing lets classes in as far as they help.
        nn.init.zeros_(self.embedding.weight)

    def forward(self, feature: Tensor, classes: Tensor) -> Tensor:
        """Feature [B, C, n] and weights of classes [B, classes + 1] → [B, n]."""
        return torch.einsum("bc,bcn->bn", self.embedding(classes), feature)


class Stack(nn.Module):
    """Convolutions, each with a LeakyReLU, and one more that gives a score for each window it sees."""

    def __init__(self, layers: list[nn.Module], output: nn.Module, slope: float, classes: int = 0) -> None:
        """`layers` and `output`, of the same number of dimensions; `classes`: 0 for no head."""
        super().__init__()
        self.layers, self.output, self.slope = nn.ModuleList(layers), output, slope
        weight = output.weight
        assert isinstance(weight, Tensor)
        self.head = ClassHead(classes, weight.shape[1]) if classes else None

    def forward(self, values: Tensor, classes: Tensor | None = None) -> DiscriminatorOutput:
        """Values [B, 1 or more, …] → scores and features; weights of classes [B, classes + 1] where there is a head."""
        features = []
        for layer in self.layers:
            values = nn.functional.leaky_relu(layer(values), self.slope)
            features.append(values)
        return DiscriminatorOutput(scored(values, self.output, self.head, classes), features)


def scored(feature: Tensor, output: nn.Module, head: ClassHead | None, classes: Tensor | None) -> Tensor:
    """Scores [B, n] of the last feature [B, C, …], by `output` and, if there is one, by the class."""
    scores: Tensor = output(feature).flatten(1)
    if head is None:
        return scores
    if classes is None:
        raise ValueError("a discriminator with a class head asks for classes")
    per_window = head(feature.flatten(2), classes)
    # The last layer may see more places than it gives scores for, or fewer: a class counts as their mean.
    return scores + (per_window if per_window.shape == scores.shape else per_window.mean(dim=1, keepdim=True))
