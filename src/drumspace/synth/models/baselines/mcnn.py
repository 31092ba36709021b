"""MCNN: a multi-head convolutional network from magnitude spectrograms to waves (Arık et al. 2018)."""

import math
from itertools import pairwise
from typing import Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from drumspace.io.settings import Params

KERNEL = 13
"""Kernel size of every layer, as published."""

ELU_GAIN = 1.245
"""1/√E[ELU(z)²] for standard normal z: weights scaled by it preserve the level from layer to layer."""


class McnnSettings(Params):
    """The network's sizes and its training. Published, for a GPU: 8 heads, width 128, hop_length 256."""

    seed: int = Field(ge=0)
    n_fft: int = Field(ge=64, le=16384)
    hop_length: int = Field(ge=4, le=4096)
    """Hop length in samples, a power of two: each layer doubles the rate."""
    heads: int = Field(ge=1, le=64)
    width: int = Field(ge=1, le=1024)
    """Channels after the first layer of a head; each further layer has half as many, at least one."""
    segment: int = Field(ge=2048)
    """Samples of a clip in a training step: half of the time from its start, else from a random position."""
    steps: int = Field(ge=0)
    """0: it is neither trained nor evaluated."""
    batch_size: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    """Peak learning rate."""
    ema_decay: float = Field(ge=0, lt=1)
    """Decay of the average of weights that is kept; 0 keeps the weights themselves."""
    checkpoint_every: int = Field(ge=1)
    """Steps between checkpoints."""

    @model_validator(mode="after")
    def _hop_of_doublings(self) -> Self:
        if self.hop_length & (self.hop_length - 1):
            raise ValueError("hop_length must be a power of two")
        if self.hop_length > self.n_fft:
            raise ValueError("hop_length must not exceed n_fft")
        return self


def _build_head(settings: McnnSettings) -> nn.Sequential:
    """Build a head: [B, bins, frames] → [B, 1, frames * hop_length].

    Padding and output padding centre each layer's output on its input, so that the middle of frame i is sample
    i * hop_length, as in the spectrogram.
    """
    layers = settings.hop_length.bit_length() - 1
    widths = [max(1, settings.width >> layer) for layer in range(layers - 1)]
    # Without biases silence maps to silence.
    convolutions = [
        nn.ConvTranspose1d(before, after, KERNEL, stride=2, padding=KERNEL // 2, output_padding=1, bias=False)
        for before, after in pairwise([settings.n_fft // 2 + 1, *widths, 1])
    ]
    for layer in convolutions:
        # With stride 2, half of the kernel contributes to each sample.
        nn.init.normal_(layer.weight, std=ELU_GAIN / math.sqrt(layer.in_channels * KERNEL / 2))
    modules: list[nn.Module] = [convolutions[0]]
    for layer in convolutions[1:]:
        modules += [nn.ELU(), layer]
    return nn.Sequential(*modules)


class Mcnn(nn.Module):
    """Parallel heads of transposed convolutions, whose weighted sum passes a scaled softsign.

    Homogeneous in level: a spectrogram twice as loud gives a wave twice as loud.
    """

    def __init__(self, settings: McnnSettings) -> None:
        """Initialise with random weights."""
        super().__init__()
        self.settings = settings
        self.heads = nn.ModuleList(_build_head(settings) for _ in range(settings.heads))
        self.weights = nn.Parameter(torch.full((settings.heads,), settings.heads**-0.5))
        self.frame_scale = math.sqrt(3 / 8 * settings.n_fft)
        self.a = nn.Parameter(torch.ones(()))
        self.b = nn.Parameter(torch.ones(()))

    def forward(self, magnitude: Tensor, num_samples: int) -> Tensor:
        """Magnitudes [B, n_fft // 2 + 1, 1 + num_samples // hop_length] (audio.inversion) → wave [B, num_samples].

        Takes magnitudes, not their logarithms: without biases they trained best.
        """
        # Root mean square over bins of the loudest frame, proportional to that of its samples (Parseval's theorem).
        energy = magnitude.square().mean(dim=1, keepdim=True).amax(dim=2, keepdim=True)
        level = energy.clamp(min=torch.finfo(magnitude.dtype).tiny).sqrt()
        frames = magnitude / level
        total = sum(weight * head(frames) for weight, head in zip(self.weights, self.heads, strict=True))
        # A click has the highest peak of all sounds of a level: 1 in units of `level`, the bound a / b.
        total = total.to(magnitude.dtype) / self.frame_scale
        bounded = self.a * total / (1 + (self.b * total).abs())
        return (bounded * level)[:, 0, :num_samples]
