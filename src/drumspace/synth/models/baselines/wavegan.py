"""WaveGAN (Donahue, McAuley & Puckette 2019): drum sounds from noise, by transposed convolutions, as a baseline."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from drumspace.audio.spectral.transforms import to_wave
from drumspace.io.settings import Params
from drumspace.synth.discriminators.wavegan import KERNEL, PADDING, STRIDE, WaveGanDiscriminator, glorot
from drumspace.synth.losses.adversarial import gradient_penalty
from drumspace.training.adversarial.loop import AdversarialResult, AdversarialSettings, play
from drumspace.training.core.checkpoints import Checkpoints

BETAS = (0.5, 0.9)
"""Adam's (WaveGAN, appendix; Gulrajani et al. 2017, section 5)."""


class WaveGanSettings(Params):
    """Size and training of the net; the published values are for a GPU."""

    seed: int = Field(ge=0)
    latent: int = Field(ge=1)
    """Numbers that a sound is made from; published 100."""
    width: int = Field(ge=1)
    """Channels next to the waveform, doubled with each layer away from it; published 64."""
    layers: int = Field(ge=1, le=8)
    """Of each net, each a factor 4 in time; published 5 for 16,384 samples."""
    phase_shuffle: int = Field(ge=0)
    """Farthest shift between the discriminator's layers (samples); published 2, 0 for none."""
    discriminator_steps: int = Field(ge=1)
    """Updates of the discriminator before each of the generator's; published 5."""
    gradient_penalty: float = Field(ge=0)
    """λ of the penalty on the discriminator's gradient; published 10."""
    batch_size: int = Field(ge=1)
    """Published 64."""
    steps: int = Field(ge=1)
    """Updates of the generator."""
    learning_rate: float = Field(gt=0)
    """Of both nets; published 1e-4."""
    ema_decay: float = Field(ge=0, lt=1)
    """Decay of the average of the generator's weights that is kept; 0 keeps the weights themselves, as published."""
    checkpoint_every: int = Field(ge=1)
    """Steps between checkpoints, from which a killed training goes on."""


class WaveGanGenerator(nn.Module):
    """Latent [B, latent] in (-1, 1) → wave [B, num_samples] in [-1, 1].

    The published net, for 16,384 samples, has 5 layers and width 64:

        100 → 16 x 1024 → 64 x 512 → 256 x 256 → 1024 x 128 → 4096 x 64 → 16384 x 1

    A dense layer, then transposed convolutions, kernel 25, each of which makes exactly 4 samples of one
    (padding 11, output padding 1); ReLU between, tanh last.

    Here `layers` convolutions begin with 2^(layers - 1) width channels at ceil(num_samples / 4^layers) positions,
    and what exceeds num_samples is cut from the end. With 5 layers and 16,384 samples, or 6 and 65,536, that is the
    published net; with 5 and 44,100 it begins at 44 positions and 956 of 45,056 samples are cut. (The published net
    for 32,768 samples begins at 16 positions as well, and its sixth convolution has stride 2: here it begins at 8.)
    """

    def __init__(self, num_samples: int, latent: int = 100, width: int = 64, layers: int = 5) -> None:
        """Sizes as above."""
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
    """float32 [count, latent], uniform in (-1, 1), on the CPU: what the generator was trained on."""
    return torch.from_numpy(rng.uniform(-1, 1, (count, latent)).astype(np.float32))


def discriminator_loss(
    discriminator: nn.Module, real: Tensor, fake: Tensor, mix: Tensor, penalty: float
) -> tuple[Tensor, dict[str, float]]:
    """Mean D(fake) - mean D(real) + penalty times the gradient penalty (WGAN-GP, eq. 3), and its parts.

    real, fake: waves [B, T]; mix: [B] in [0, 1]. `estimated_distance` is mean D(real) - mean D(fake).
    """
    distance = discriminator(real)[0].scores.float().mean() - discriminator(fake.detach())[0].scores.float().mean()
    steepness = gradient_penalty(discriminator, real, fake, mix)
    values = {"estimated_distance": distance.item(), "gradient_penalty": steepness.item()}
    return penalty * steepness - distance, values


def generator_loss(discriminator: nn.Module, fake: Tensor) -> Tensor:
    """-mean D(fake) of waves [B, T] (WGAN: Arjovsky et al. 2017, algorithm 1)."""
    return -discriminator(fake)[0].scores.float().mean()


def train_wavegan(
    pcm: Callable[[np.ndarray], np.ndarray],
    rows: np.ndarray,
    settings: WaveGanSettings,
    num_samples: int,
    checkpoints: Checkpoints | None = None,
    report: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    title: str = "wavegan",
) -> tuple[WaveGanGenerator, AdversarialResult]:
    """The generator with its averaged weights, in evaluation mode on its device, and how its training went.

    pcm: row numbers [n] → int16 [n, num_samples]; rows: those to learn from, drawn with equal chance. Every draw
    follows from (seed, step, turn). Raises NotFinite where the training breaks down.
    """
    seed = settings.seed
    torch.manual_seed(seed)
    generator = WaveGanGenerator(num_samples, settings.latent, settings.width, settings.layers)
    discriminator = WaveGanDiscriminator(num_samples, settings.width, settings.layers, settings.phase_shuffle)

    def judge(
        made: nn.Module, judged: nn.Module, step: int, turn: int, rank: int, world: int
    ) -> tuple[Tensor, dict[str, float]]:
        # Drawn for all processes, of which each takes its share: two learn what one does.
        rng = np.random.default_rng([seed, step, turn])
        batch = rng.choice(rows, settings.batch_size)[rank::world]
        mix = torch.from_numpy(rng.random(settings.batch_size, dtype=np.float32)[rank::world])
        latent = draw_latent(rng, settings.batch_size, settings.latent)[rank::world]
        place = next(made.parameters()).device
        real = to_wave(pcm(batch)).to(place)
        return discriminator_loss(judged, real, made(latent.to(place)), mix.to(place), settings.gradient_penalty)

    def make(
        made: nn.Module, judged: nn.Module, step: int, turn: int, rank: int, world: int
    ) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng([seed, step, turn])
        latent = draw_latent(rng, settings.batch_size, settings.latent)[rank::world]
        return generator_loss(judged, made(latent.to(next(made.parameters()).device))), {}

    adversarial = AdversarialSettings(
        steps=settings.steps,
        discriminator_steps=settings.discriminator_steps,
        generator_rate=settings.learning_rate,
        discriminator_rate=settings.learning_rate,
        betas=BETAS,
        optimizer="adam",
        schedule="constant",
        ema_decay=settings.ema_decay,
        validate_every=settings.steps,
        checkpoint_every=settings.checkpoint_every,
        seed=seed,
    )
    played = play(generator, discriminator, judge, make, adversarial, checkpoints, report=report, title=title)
    generator.load_state_dict(played.state)
    return generator.eval(), played
