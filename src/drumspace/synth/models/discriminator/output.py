"""Output of a discriminator, its convolution stack, and the projection head for class conditioning."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class DiscriminatorOutput(NamedTuple):
    """Output of one stack of layers for a batch of waves."""

    logits: Tensor
    """[B, n]: a logit for each of the n windows that the last layer sees."""
    feature_maps: list[Tensor]
    """Outputs of all layers but the last, [B, C, …] each, for feature matching."""


class ClassHead(nn.Module):
    """Projection head: ⟨class embedding, feature⟩ (Miyato and Koyama 2018, eq. 4)."""

    def __init__(self, classes: int, channels: int) -> None:
        """classes: number of classes, to which one for no class is added; channels: channels of the feature."""
        super().__init__()
        self.embedding = nn.Linear(classes + 1, channels, bias=False)
        # Start at zero, so that the class has an effect only as far as it helps.
        nn.init.zeros_(self.embedding.weight)

    def forward(self, feature: Tensor, classes: Tensor) -> Tensor:
        """Feature [B, C, n] and class weights [B, classes + 1] → logits [B, n]."""
        return torch.einsum("bc,bcn->bn", self.embedding(classes), feature)


class Stack(nn.Module):
    """Convolutions with LeakyReLU, and an output convolution that gives one logit for each window."""

    def __init__(self, layers: list[nn.Module], output: nn.Module, slope: float, classes: int = 0) -> None:
        """layers, output: convolutions of one dimensionality; slope: of LeakyReLU; classes: 0 for no class head."""
        super().__init__()
        self.layers, self.output, self.slope = nn.ModuleList(layers), output, slope
        weight = output.weight
        assert isinstance(weight, Tensor)
        self.head = ClassHead(classes, weight.shape[1]) if classes else None

    def forward(self, values: Tensor, classes: Tensor | None = None) -> DiscriminatorOutput:
        """Values [B, C, …] and, with a class head, class weights [B, classes + 1] → logits and feature maps."""
        features = []
        for layer in self.layers:
            values = nn.functional.leaky_relu(layer(values), self.slope)
            features.append(values)
        return DiscriminatorOutput(compute_logits(values, self.output, self.head, classes), features)


def compute_logits(feature: Tensor, output: nn.Module, head: ClassHead | None, classes: Tensor | None) -> Tensor:
    """Logits [B, n] of the last feature map [B, C, …]: from `output` and, if there is a head, from the class."""
    logits: Tensor = output(feature).flatten(1)
    if head is None:
        return logits
    if classes is None:
        raise ValueError("a discriminator with a class head needs class weights")
    per_window = head(feature.flatten(2), classes)
    # Where the output layer changes the number of windows, the class logit is the mean over windows.
    return logits + (per_window if per_window.shape == logits.shape else per_window.mean(dim=1, keepdim=True))
