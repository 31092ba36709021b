"""WaveGAN (Donahue, McAuley & Puckette 2019): a generator of transposed convolutions, as a baseline."""

from itertools import pairwise

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from drumspace.io.settings import Params
from drumspace.synth.discriminators.wavegan import KERNEL, PADDING, STRIDE, glorot


class WaveGanSettings(Params):
    """Sizes of the networks and their training; the published values are for a GPU."""

    seed: int = Field(ge=0)
    latent: int = Field(ge=1)
    """Dimensions of the latent vector; published 100."""
    width: int = Field(ge=1)
    """Channels of the layers next to the waveform, doubled with each layer away from it; published 64."""
    layers: int = Field(ge=1, le=8)
    """Convolutions of each network, each a factor of 4 in time; published 5 for 16,384 samples."""
    phase_shuffle: int = Field(ge=0)
    """Largest shift between the discriminator's layers, samples; published 2, 0 for none."""
    discriminator_steps: int = Field(ge=1)
    """Discriminator updates before each generator update; published 5."""
    gradient_penalty: float = Field(ge=0)
    """λ of WGAN-GP; published 10."""
    batch_size: int = Field(ge=1)
    """Published 64."""
    steps: int = Field(ge=0)
    """Generator updates; 0: it is neither trained nor evaluated."""
    """Generator updates."""
    learning_rate: float = Field(gt=0)
    """Learning rate of both networks; published 1e-4."""
    ema_decay: float = Field(ge=0, lt=1)
    """Decay of the average of the generator's weights that is kept; 0 keeps the weights themselves, as published."""
    checkpoint_every: int = Field(ge=1)
    """Steps between checkpoints."""


class WaveGanGenerator(nn.Module):
    """Latent [B, latent] in (-1, 1) → wave [B, num_samples] in [-1, 1].

    The published net, for 16,384 samples, has 5 layers and width 64:

        100 → 16 x 1024 → 64 x 512 → 256 x 256 → 1024 x 128 → 4096 x 64 → 16384 x 1

    A dense layer, then transposed convolutions of kernel 25, each of which upsamples by exactly 4 (padding 11, output
    padding 1), with ReLU in between and tanh at the end.

    Here `layers` convolutions start from 2^(layers - 1) width channels at ceil(num_samples / 4^layers) positions, and
    samples beyond num_samples are cut from the end. With 5 layers and 16,384 samples, or 6 and 65,536, that is the
    published net; with 5 and 44,100 it begins at 44 positions and 956 of 45,056 samples are cut. (The published net
    for 32,768 samples begins at 16 positions as well, and its sixth convolution has stride 2: here it begins at 8.)
    """

    def __init__(self, num_samples: int, latent: int = 100, width: int = 64, layers: int = 5) -> None:
        """latent: dimensions of the latent vector; width, layers: as in WaveGanSettings."""
        super().__init__()
        self.num_samples, self.latent = num_samples, latent
        self.start = -(-num_samples // STRIDE**layers)
        channels = [*(width * 2**layer for layer in reversed(range(layers))), 1]
        self.dense = nn.Linear(latent, channels[0] * self.start)
        self.convolutions = nn.ModuleList(
            nn.ConvTranspose1d(before, after, KERNEL, STRIDE, PADDING, output_padding=1)
            for before, after in pairwise(channels)
        )
        self.apply(glorot)

    def forward(self, latent: Tensor) -> Tensor:
        """Latent [B, latent] → wave [B, num_samples]."""
        values = self.dense(latent).unflatten(1, (-1, self.start))
        for convolution in self.convolutions:
            values = convolution(functional.relu(values))
        return torch.tanh(values.squeeze(1)[:, : self.num_samples])


def draw_latent(rng: np.random.Generator, count: int, latent: int) -> Tensor:
    """float32 [count, latent], uniform in (-1, 1), on the CPU: the distribution the generator is trained on."""
    return torch.from_numpy(rng.uniform(-1, 1, (count, latent)).astype(np.float32))
