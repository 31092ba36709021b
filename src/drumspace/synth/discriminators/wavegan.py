"""WaveGAN's discriminator (Donahue, McAuley & Puckette 2019): strided convolutions on the waveform."""

from itertools import pairwise

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from drumspace.errors import UserError
from drumspace.io.settings import Params
from drumspace.synth.models.discriminator.output import ClassHead, DiscriminatorOutput, compute_logits

KERNEL, STRIDE, PADDING = 25, 4, 11
"""Kernel size, stride and padding of every convolution; a layer turns T samples into (T + 1) // 4."""


class Settings(Params):
    """Sizes of the network."""

    width: int = Field(ge=1)
    """Channels of the first layer, doubled with each; published 64."""
    layers: int = Field(ge=1, le=8)
    """Convolutions, each a factor of 4 in time; published 5."""
    phase_shuffle: int = Field(ge=0)
    """Largest shift between layers, samples; published 2, 0 for none."""


def glorot(module: nn.Module) -> None:
    """Initialise like the authors' code: uniform (Glorot & Bengio 2010, eq. 16), biases 0. For Module.apply."""
    if isinstance(module, nn.Linear | nn.Conv1d | nn.ConvTranspose1d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def phase_shuffle(values: Tensor, reach: int, generator: torch.Generator | None = None) -> Tensor:
    """Shift [..., T] by a number of samples drawn uniformly from -reach to reach, one shift for the whole batch.

    The gap is filled by reflection (the edge sample is not repeated):

        0 1 2 3 4   shifted by 2:   2 1 0 1 2      by -2:   2 3 4 3 2

    WaveGAN, section 3.3: keeps the discriminator from detecting samples by the phase of upsampling artefacts. The shift
    is drawn from `generator` (of the CPU), or torch's own, and is at most T - 1.
    """
    length = values.shape[-1]
    reach = min(reach, length - 1)
    if reach <= 0:
        return values
    shift = int(torch.randint(-reach, reach + 1, (), generator=generator))
    # Slices, not functional.pad: on a GPU the gradient of its reflection depends on the order of additions.
    if shift > 0:
        return torch.cat([values[..., 1 : shift + 1].flip(-1), values[..., : length - shift]], dim=-1)
    if shift < 0:
        return torch.cat([values[..., -shift:], values[..., length + shift - 1 : length - 1].flip(-1)], dim=-1)
    return values


class WaveGanDiscriminator(nn.Module):
    """Waves [B, T] → one DiscriminatorOutput: a logit for each wave, or for each of its windows.

    The published net, for 16,384 samples, has 5 layers and width 64:

        16384 x 1 → 4096 x 64 → 1024 x 128 → 256 x 256 → 64 x 512 → 16 x 1024 → 1

    Kernel 25, stride 4, LeakyReLU 0.2, phase shuffle after each layer but the last, then one linear layer, sized for
    `num_samples`. With `patches` a convolution of kernel 3 takes its place, with a logit for each position: a Markovian
    discriminator (Li and Wand 2016).
    """

    def __init__(
        self,
        num_samples: int,
        width: int = 64,
        layers: int = 5,
        phase_shuffle: int = 2,
        patches: bool = False,
        classes: int = 0,
    ) -> None:
        """width: channels of the first layer, doubled with each layer; phase_shuffle: largest shift in samples;
        classes: of the class head, 0 for none.

        Raises UserError where `num_samples` are too few for the layers.
        """
        super().__init__()
        self.num_samples, self.reach = num_samples, phase_shuffle
        channels = [1, *(width * 2**layer for layer in range(layers))]
        self.convolutions = nn.ModuleList(
            nn.Conv1d(before, after, KERNEL, STRIDE, PADDING) for before, after in pairwise(channels)
        )
        length = num_samples
        for _ in range(layers):
            length = (length + 1) // STRIDE
        if length < 1:
            raise UserError(f"{num_samples} samples are too few for {layers} layers, each of which keeps a quarter.")
        self.output: nn.Module = (
            nn.Conv1d(channels[-1], 1, 3, padding=1)
            if patches
            else nn.Sequential(nn.Flatten(), nn.Linear(channels[-1] * length, 1))
        )
        self.apply(glorot)
        self.head = ClassHead(classes, channels[-1]) if classes else None

    def forward(self, wave: Tensor, classes: Tensor | None = None) -> list[DiscriminatorOutput]:
        """Waves [B, T] → logits [B, 1], or [B, positions], and feature maps [B, 2^i width, T / 4^(i+1)] of layer i.

        Phases are shuffled in training mode only, by one shift per call and layer: to compare the feature maps of two
        batches, use the same random state for both. Feature maps are taken before the shift.
        """
        values, feature_maps = wave.unsqueeze(1), []
        for layer, convolution in enumerate(self.convolutions, start=1):
            values = functional.leaky_relu(convolution(values), 0.2)
            feature_maps.append(values)
            if self.training and layer < len(self.convolutions):
                values = phase_shuffle(values, self.reach)
        return [DiscriminatorOutput(compute_logits(values, self.output, self.head, classes), feature_maps)]


def build(settings: Settings, samples: int, sample_rate: int, classes: int) -> WaveGanDiscriminator:
    """Build the untrained discriminator, with patches. Raises UserError where waves of `samples` are too short."""
    return WaveGanDiscriminator(samples, **settings.model_dump(), patches=True, classes=classes)
