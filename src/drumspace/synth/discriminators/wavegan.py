"""WaveGAN's discriminator (Donahue, McAuley & Puckette 2019): strided convolutions on the waveform."""

from itertools import pairwise

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from drumspace.errors import UserError
from drumspace.io.settings import Params
from drumspace.synth.models.discriminator.output import ClassHead, DiscriminatorOutput, scored

KERNEL, STRIDE, PADDING = 25, 4, 11
"""Of every convolution; a layer makes (T + 1) // 4 of T samples, T / 4 where that is whole."""


class Settings(Params):
    """Sizes."""

    width: int = Field(ge=1)
    """Channels of the first layer, doubled with each; published 64."""
    layers: int = Field(ge=1, le=8)
    """Each a factor 4 in time; published 5."""
    phase_shuffle: int = Field(ge=0)
    """Farthest shift between layers (samples); published 2, 0 for none."""


def glorot(module: nn.Module) -> None:
    """Weights as the authors' code begins with: uniform (Glorot & Bengio 2010, eq. 16), biases 0. For Module.apply."""
    if isinstance(module, nn.Linear | nn.Conv1d | nn.ConvTranspose1d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def phase_shuffle(values: Tensor, reach: int, generator: torch.Generator | None = None) -> Tensor:
    """Shift [..., T] by a number of samples drawn uniformly from -reach to reach, one shift for the whole batch.

    What the shift leaves bare is the mirror image of what lies beside it (reflect padding, edge sample not repeated):

        0 1 2 3 4   shifted by 2:   2 1 0 1 2      by -2:   2 3 4 3 2

    WaveGAN, section 3.3: the discriminator must not tell a sound by the phase at which upsampling leaves its artefacts.
    The shift is drawn from `generator` (of the CPU), or torch's own. A mirror image ends after T - 1 samples, and so
    does the reach.
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
    """Wave [B, T] → an DiscriminatorOutput: how real it sounds as a whole, or each of its windows.

    The published net, for 16,384 samples, has 5 layers and width 64:

        16384 x 1 → 4096 x 64 → 1024 x 128 → 256 x 256 → 64 x 512 → 16 x 1024 → 1

    Kernel 25, stride 4, LeakyReLU 0.2, phase shuffle after each layer but the last, then one linear layer, which is
    sized by `num_samples`: any length will do. With `patches` a convolution of kernel 3 stands in its place, and
    gives a score for each position: a Markovian discriminator (Li and Wand 2016).
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
        """Channels are width, 2 width, 4 width, …; `phase_shuffle` is the farthest shift in samples, 0 for none;
        `classes`: of the head, 0 for none.

        Raises UserError where `num_samples` is used up before the last layer.
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
        """Wave [B, T] → scores [B, 1], or [B, positions], and features: layer i's is [B, 2^i width, T / 4^(i+1)].

        Phases are shuffled in training mode alone, by one shift a call and layer: waves whose features are to be
        compared belong in one call, so that they are shifted alike. Features are taken before their layer's shift.
        """
        values, features = wave.unsqueeze(1), []
        for layer, convolution in enumerate(self.convolutions, start=1):
            values = functional.leaky_relu(convolution(values), 0.2)
            features.append(values)
            if self.training and layer < len(self.convolutions):
                values = phase_shuffle(values, self.reach)
        return [DiscriminatorOutput(scored(values, self.output, self.head, classes), features)]


def build(settings: Settings, samples: int, sample_rate: int, classes: int) -> WaveGanDiscriminator:
    """Untrained, of patches. Raises UserError where waves of `samples` are too short."""
    return WaveGanDiscriminator(samples, **settings.model_dump(), patches=True, classes=classes)
