"""Training of WaveGAN with WGAN-GP."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.spectral.transforms import to_wave
from drumspace.synth.discriminators.wavegan import WaveGanDiscriminator
from drumspace.synth.losses.adversarial import gradient_penalty
from drumspace.synth.models.baselines.wavegan import WaveGanGenerator, WaveGanSettings, draw_latent
from drumspace.training.adversarial.loop import AdversarialResult, train_adversarial
from drumspace.training.adversarial.settings import AdversarialSettings
from drumspace.training.core.base_loop import Report, no_report
from drumspace.training.core.checkpoints import Checkpoints

BETAS = (0.5, 0.9)
"""Betas of Adam (WaveGAN, appendix; Gulrajani et al. 2017, section 5)."""


def discriminator_loss(
    discriminator: nn.Module, real: Tensor, fake: Tensor, mix: Tensor, penalty: float
) -> tuple[Tensor, dict[str, float]]:
    """Mean D(fake) - mean D(real) + penalty times the gradient penalty (WGAN-GP, eq. 3): scalar, and its parts.

    real, fake: waves [B, T]; mix: [B] in [0, 1]. `estimated_distance` is mean D(real) - mean D(fake).
    """
    real_logits, fake_logits = (discriminator(wave)[0].logits.float() for wave in (real, fake.detach()))
    distance = real_logits.mean() - fake_logits.mean()
    gradient = gradient_penalty(discriminator, real, fake, mix)
    logs = {"estimated_distance": distance.item(), "gradient_penalty": gradient.item()}
    return penalty * gradient - distance, logs


def generator_loss(discriminator: nn.Module, fake: Tensor) -> Tensor:
    """-mean D(fake) of waves [B, T] (WGAN: Arjovsky et al. 2017, algorithm 1)."""
    return -discriminator(fake)[0].logits.float().mean()


def train_wavegan(
    pcm: Callable[[np.ndarray], np.ndarray],
    rows: np.ndarray,
    settings: WaveGanSettings,
    num_samples: int,
    checkpoints: Checkpoints | None = None,
    report: Report = no_report,
    title: str = "wavegan",
) -> tuple[WaveGanGenerator, AdversarialResult]:
    """Train a WaveGAN; the generator with its averaged weights, in evaluation mode on its device, and the result.

    pcm: row numbers [n] → int16 [n, num_samples]; rows: training clips, drawn uniformly. All random numbers are
    determined by (seed, step, update). Raises NotFinite where a loss, gradient or weight is NaN or infinite.
    """
    torch.manual_seed(settings.seed)
    generator = WaveGanGenerator(num_samples, settings.latent, settings.width, settings.layers)
    discriminator = WaveGanDiscriminator(num_samples, settings.width, settings.layers, settings.phase_shuffle)
    losses = WaveGanLosses(pcm, rows, settings)
    adversarial = AdversarialSettings(
        generator_rate=settings.learning_rate,
        discriminator_rate=settings.learning_rate,
        betas=BETAS,
        optimizer="adam",
        schedule="constant",
        validate_every=settings.steps,
        **settings.model_dump(include={"steps", "discriminator_steps", "ema_decay", "checkpoint_every", "seed"}),
    )
    result = train_adversarial(
        generator,
        discriminator,
        losses.discriminator_loss,
        losses.generator_loss,
        adversarial,
        checkpoints,
        report=report,
        title=title,
    )
    generator.load_state_dict(result.state)
    return generator.eval(), result


@dataclass(frozen=True)
class WaveGanLosses:
    """Losses of both networks on the batch of (step, update).

    A batch is drawn for all processes, of which each takes its part, so that several train as one does.
    """

    pcm: Callable[[np.ndarray], np.ndarray]
    rows: np.ndarray
    settings: WaveGanSettings

    def discriminator_loss(
        self, generator: nn.Module, discriminator: nn.Module, step: int, update: int, rank: int, world: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Loss of the discriminator for real and generated waves."""
        settings = self.settings
        rng = np.random.default_rng([settings.seed, step, update])
        batch = rng.choice(self.rows, settings.batch_size)[rank::world]
        mix = torch.from_numpy(rng.random(settings.batch_size, dtype=np.float32)[rank::world])
        latent = draw_latent(rng, settings.batch_size, settings.latent)[rank::world]
        device = next(generator.parameters()).device
        real, fake = to_wave(self.pcm(batch)).to(device), generator(latent.to(device))
        return discriminator_loss(discriminator, real, fake, mix.to(device), settings.gradient_penalty)

    def generator_loss(
        self, generator: nn.Module, discriminator: nn.Module, step: int, update: int, rank: int, world: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Loss of the generator; no logs."""
        settings = self.settings
        rng = np.random.default_rng([settings.seed, step, update])
        latent = draw_latent(rng, settings.batch_size, settings.latent)[rank::world]
        return generator_loss(discriminator, generator(latent.to(next(generator.parameters()).device))), {}
