"""A wave from a magnitude spectrogram in one pass: the multi-head convolutional network (MCNN) of Arık et al. 2018."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from drumspace.audio.spectral.inversion import magnitude as magnitude_of
from drumspace.audio.spectral.transforms import to_wave
from drumspace.io.settings import Params
from drumspace.synth.losses.stft import spectral_terms
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.loop import LoopSettings, NotFinite, train

KERNEL = 13
"""Of every layer, as published."""

ELU_GAIN = 1.245
"""1/√E[ELU(z)²] of a standard normal z: weights scaled by it keep the signal's level from layer to layer."""


class McnnSettings(Params):
    """The network's sizes and its training. Published, for a GPU: 8 heads, width 128, hop_length 256."""

    seed: int = Field(ge=0)
    n_fft: int = Field(ge=64, le=16384)
    hop_length: int = Field(ge=4, le=4096)
    """Samples from frame to frame, a power of two: each layer doubles the rate."""
    heads: int = Field(ge=1, le=64)
    width: int = Field(ge=1, le=1024)
    """Channels after a head's first layer; each layer after it has half as many, but for one at least."""
    segment: int = Field(ge=2048)
    """Samples of a clip that a step sees: half of the time from its beginning, else from anywhere."""
    steps: int = Field(ge=1)
    batch_size: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    """Its peak."""
    ema_decay: float = Field(ge=0, lt=1)
    """Decay of the average of weights that is kept; 0 keeps the weights themselves."""
    checkpoint_every: int = Field(ge=1)
    """Steps between checkpoints, from which a killed training goes on."""

    @model_validator(mode="after")
    def _hop_of_doublings(self) -> Self:
        if self.hop_length & (self.hop_length - 1):
            raise ValueError("hop_length must be a power of two")
        if self.hop_length > self.n_fft:
            raise ValueError("hop_length must not exceed n_fft")
        return self


def _head(settings: McnnSettings) -> nn.Sequential:
    """[B, bins, frames] → [B, 1, frames * hop_length].

    A layer's output is centred on its input: 13 taps, 6 of them cut off at either end, one sample added at the last.
    So the middle of frame i falls on sample i * hop_length, as in the spectrogram.
    """
    layers = settings.hop_length.bit_length() - 1
    widths = [max(1, settings.width >> layer) for layer in range(layers - 1)]
    # No biases: silence in is silence out, and nothing hums after a sound has fade_out.
    convolutions = [
        nn.ConvTranspose1d(before, after, KERNEL, stride=2, padding=KERNEL // 2, output_padding=1, bias=False)
        for before, after in pairwise([settings.n_fft // 2 + 1, *widths, 1])
    ]
    for layer in convolutions:
        # With stride 2, half of the taps meet in each sample.
        nn.init.normal_(layer.weight, std=ELU_GAIN / math.sqrt(layer.in_channels * KERNEL / 2))
    modules: list[nn.Module] = [convolutions[0]]
    for layer in convolutions[1:]:
        modules += [nn.ELU(), layer]
    return nn.Sequential(*modules)


class Mcnn(nn.Module):
    """Heads in parallel, each a stack of transposed convolutions; their weighted sum through a scaled softsign.

    It is linear in level: a spectrogram twice as loud gives a wave twice as loud.
    """

    def __init__(self, settings: McnnSettings) -> None:
        """Random weights."""
        super().__init__()
        self.settings = settings
        self.heads = nn.ModuleList(_head(settings) for _ in range(settings.heads))
        self.weights = nn.Parameter(torch.full((settings.heads,), settings.heads**-0.5))
        self.frame_scale = math.sqrt(3 / 8 * settings.n_fft)
        self.a = nn.Parameter(torch.ones(()))
        self.b = nn.Parameter(torch.ones(()))

    def forward(self, magnitude: Tensor, num_samples: int) -> Tensor:
        """Magnitudes [B, n_fft // 2 + 1, 1 + num_samples // hop_length] (audio.inversion) → wave [B, num_samples].

        Magnitudes are taken as they are, not their logarithms: without biases that trained best.
        """
        # The loudest frame's root mean square over bins; by Parseval's theorem its samples' is that over √(Σ window²).
        energy = magnitude.square().mean(dim=1, keepdim=True).amax(dim=2, keepdim=True)
        level = energy.clamp(min=torch.finfo(magnitude.dtype).tiny).sqrt()
        frames = magnitude / level
        total = sum(weight * head(frames) for weight, head in zip(self.weights, self.heads, strict=True))
        # In units of `level` a click, of all sounds of one level the one with the highest peak, reaches 1 = a / b.
        total = total.to(magnitude.dtype) / self.frame_scale
        bounded = self.a * total / (1 + (self.b * total).abs())
        return (bounded * level)[:, 0, :num_samples]


@dataclass(frozen=True)
class McnnInfo:
    """How a training went."""

    step: int
    """The step that was kept: the last."""
    seconds: float
    """Of training, before an interruption too."""
    parameters: int


def train_mcnn(
    pcm: Callable[[np.ndarray], np.ndarray],
    rows: np.ndarray,
    settings: McnnSettings,
    checkpoints: Checkpoints | None = None,
    report: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    title: str = "mcnn",
) -> tuple[Mcnn, McnnInfo]:
    """An Mcnn that has learnt to invert the spectrograms of the clips `rows`, and how its training went.

    pcm(row numbers) → int16 [n, T]. Loss: spectral convergence plus log magnitude (synth.losses), the two that Arık
    et al. found to count most, at Parallel WaveGAN's resolutions. The last step's average of weights is kept.
    Raises NotFinite, with the rows of the batch, where the loss is no number.
    """
    seed = settings.seed
    torch.manual_seed(seed)
    model = Mcnn(settings)

    def draw(step: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows, and where their segments begin as a share of what is possible."""
        rng = np.random.default_rng([seed, step])
        begins = rng.random(settings.batch_size) * rng.integers(0, 2, settings.batch_size)
        return rng.choice(rows, settings.batch_size), begins

    def loss(network: nn.Module, step: int, rank: int, world: int) -> Tensor:
        batch, begins = (part[rank::world] for part in draw(step))
        clips = pcm(batch)
        length = min(settings.segment, clips.shape[1])
        starts = (begins * (clips.shape[1] - length)).astype(int)
        cut = np.stack([clip[start : start + length] for clip, start in zip(clips, starts, strict=True)])
        real = to_wave(cut).to(next(network.parameters()).device)
        generated = network(magnitude_of(real, settings.n_fft, settings.hop_length), length)
        convergence, log_difference = spectral_terms(generated, real)
        return (convergence + log_difference).mean()

    loop = LoopSettings(
        steps=settings.steps,
        learning_rate=settings.learning_rate,
        schedule="cosine",
        weight_decay=0.0,
        ema_decay=settings.ema_decay,
        validate_every=settings.steps,
        checkpoint_every=settings.checkpoint_every,
        seed=seed,
    )
    try:
        trained = train(model, loss, None, loop, checkpoints, report, title)
    except NotFinite as error:
        batch = ", ".join(str(row) for row in draw(error.step)[0])
        raise error.of(f"{title}; the rows of that batch: {batch}") from None
    model.load_state_dict(trained.state)
    return model.eval(), McnnInfo(trained.step, trained.seconds, sum(p.numel() for p in model.parameters()))
