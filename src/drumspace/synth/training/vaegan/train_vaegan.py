"""Training of a VAE against discriminators."""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.transforms import to_wave
from drumspace.errors import UserError
from drumspace.io.registry import Registry
from drumspace.synth.dsp.postprocess import postprocess
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.latent_sources import LatentSource
from drumspace.synth.training.vae.batches import Batch, Batches, Sounds, check_batch_size, segment_samples
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.train_vae import LogAudio, coarse_spectra, no_audio
from drumspace.synth.training.vae.validation import (
    NUM_PAIRS,
    reconstruction_pairs,
    validation_rows,
    validation_values,
)
from drumspace.synth.training.vaegan.collapse_monitor import NEIGHBOURS, CollapseMonitor, collapse_step
from drumspace.synth.training.vaegan.discriminator_terms import discriminator_loss, stop_if_zero
from drumspace.synth.training.vaegan.settings import VaeGanSettings
from drumspace.taxonomy import CLASSES
from drumspace.training.adversarial.loop import AdversarialResult, train_adversarial
from drumspace.training.adversarial.settings import AdversarialSettings
from drumspace.training.core.base_loop import Report, no_report
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.not_finite import NotFinite
from drumspace.training.core.precision import accelerator, autocast, device
from drumspace.training.core.result import Score

log = logging.getLogger("drumspace")

STRATEGIES = Registry("drumspace.synth.training.vaegan.strategies", "strategy", "vaegan.models.<name>.strategy")
GENERATOR_UPDATE = 1
"""Key of the generator's batch within a step; the discriminators' batch has none."""


@dataclass(frozen=True)
class VaeGanResult:
    """Result of a VAE-GAN's training."""

    training: AdversarialResult
    collapsed_at: int | None
    """The step from which on all validations found a mode collapse; None if the last one did not."""
    discriminator_parameters: int


def train_vaegan(
    vae: Vae,
    vae_settings: VaeSettings,
    sounds: Sounds,
    settings: VaeGanSettings,
    audio: AudioParams,
    source: LatentSource,
    checkpoints: Checkpoints | None = None,
    report: Report = no_report,
    title: str = "vaegan",
    log_audio: LogAudio = no_audio,
) -> tuple[Vae, VaeGanResult]:
    """Train `vae` in place against discriminators; its averaged weights of the kept step, on the CPU, and the result.

    vae: with its initial weights; vae_settings: the settings it was built from; source: of the latents that are
    decoded for discriminators and validation. Without a warm start the latents are initialised as in train_vae. Raises
    UserError where clips are too few or a process would have fewer than two of a batch, NotFinite, with the rows of the
    batch, where a loss is NaN or infinite, Stopped where discriminators have won.
    """
    check_sizes(sounds, settings, title)
    training = VaeGanTrainer(vae, vae_settings, sounds, settings, audio, source, title, log_audio)
    return training.run(checkpoints, report)


def check_sizes(sounds: Sounds, settings: VaeGanSettings, title: str) -> None:
    """Raise UserError where a batch is too small for the processes, or the sounds too few for a batch."""
    processes = accelerator().num_processes
    if settings.batch_size < 2 * processes:
        raise UserError(
            f"{title}: a batch of {settings.batch_size} has fewer than two sounds for each of {processes} processes: "
            f"raise batch_size to at least {2 * processes}, or start fewer processes."
        )
    check_batch_size(sounds, settings.batch_size, title)


class VaeGanTrainer:
    """Networks, batches, losses and validation of a VAE-GAN's training."""

    def __init__(
        self,
        vae: Vae,
        vae_settings: VaeSettings,
        sounds: Sounds,
        settings: VaeGanSettings,
        audio: AudioParams,
        source: LatentSource,
        title: str,
        log_audio: LogAudio,
    ) -> None:
        """Build the discriminators and initialise the VAE. Arguments as of `train_vaegan`."""
        self.vae, self.vae_settings, self.sounds, self.settings = vae, vae_settings, sounds, settings
        self.audio, self.source, self.title, self.log_audio = audio, source, title, log_audio
        self.strategy: Any = STRATEGIES.load(settings.strategy)
        samples = segment_samples(settings.segment, audio.sample_rate, audio.num_samples, vae.hop, title)
        torch.manual_seed(settings.seed)
        self.discriminator = DiscriminatorSet(
            settings.discriminators,
            samples or audio.num_samples,
            audio.sample_rate,
            len(CLASSES) if settings.class_head else 0,
        )
        if not settings.warm_start and vae.pca_init is not None:
            vae.init_from_pca(coarse_spectra(vae.pca_init, sounds, vae_settings.seed))
        self.strategy.freeze(vae)
        self.batches = Batches(
            sounds=sounds,
            seed=settings.seed,
            size=settings.batch_size,
            label_dropout=settings.label_dropout,
            augment=settings.augment,
            num_samples=audio.num_samples,
            hop=vae.hop,
            samples=samples,
        )
        self.last_batch: tuple[int, ...] = ()
        """Step and update of the last batch."""
        self.validation_rows = validation_rows(sounds, settings.seed)
        self.monitor = self._fit_monitor()

    def _fit_monitor(self) -> CollapseMonitor | None:
        """Monitor of validation sounds, with as many training sounds for the floor; None where there are too few."""
        rows = self.validation_rows
        if len(rows) <= NEIGHBOURS:
            log.warning(
                "%s: too few validation kits: the last step will be kept, whether it has collapsed or not", self.title
            )
            return None
        others = np.random.default_rng([self.settings.seed, 1]).permutation(self.sounds.rows)[: len(rows)]
        waves, other_waves = (to_wave(self.sounds.pcm(each)) for each in (rows, others))
        return CollapseMonitor.fit(waves, other_waves, self.audio.sample_rate)

    def run(self, checkpoints: Checkpoints | None, report: Report) -> tuple[Vae, VaeGanResult]:
        """Train; the VAE with its kept weights, and the result."""
        try:
            result = train_adversarial(
                self.vae,
                self.discriminator,
                self.discriminator_loss,
                self.generator_loss,
                loop_settings(self.settings),
                checkpoints,
                None if self.monitor is None else self.validate,
                report,
                self.title,
            )
        except NotFinite as error:
            raise error.with_context(self.batches.describe(self.title, *self.last_batch)) from error
        self.vae.load_state_dict(result.state)
        distances = [values["samples_kernel_distance"] for _, values in result.history]
        if distances and min(distances[1:]) >= distances[0]:
            log.warning("%s: at no validation were its samples nearer to real sounds than at the start", self.title)
        collapsed_at = collapse_step([(step, bool(values["collapsed"])) for step, values in result.history])
        parameters = sum(weight.numel() for weight in self.discriminator.parameters())
        return self.vae.cpu().eval(), VaeGanResult(result, collapsed_at, parameters)

    def discriminator_loss(
        self, generator: nn.Module, discriminator: nn.Module, step: int, update: int, rank: int, world: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Loss of the discriminators for a batch of real sounds and what the strategy generates."""
        assert isinstance(generator, Vae) and isinstance(discriminator, DiscriminatorSet)
        batch = self._load(discriminator, rank, world, step)
        waves = self.strategy.generate(generator, self.source, batch, self.settings, self.audio)
        generated = [wave.detach() for wave in waves]
        loss, logs = discriminator_loss(discriminator, batch.real, generated, batch.classes, self.settings)
        stop_if_zero(discriminator, logs, self.settings.zero_steps)
        return loss, logs

    def generator_loss(
        self, generator: nn.Module, discriminator: nn.Module, step: int, update: int, rank: int, world: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Loss of the generator by the strategy."""
        batch = self._load(discriminator, rank, world, step, GENERATOR_UPDATE)
        loss: tuple[Tensor, dict[str, float]] = self.strategy.loss(
            generator, discriminator, self.source, batch, self.settings, self.audio, step
        )
        return loss

    def _load(self, discriminator: nn.Module, rank: int, world: int, *key: int) -> Batch:
        """This process's part of a batch, which is remembered for error messages."""
        self.last_batch = key
        return self.batches.load(next(discriminator.parameters()).device, rank, world, *key)

    def validate(self, generator: nn.Module, step: int) -> tuple[Score, dict[str, float]]:
        """Negative kernel distance of samples as score, and the values to report."""
        assert isinstance(generator, Vae) and self.monitor is not None
        sample_rate = self.audio.sample_rate
        values = validation_values(generator, self.sounds, self.validation_rows, self.vae_settings, sample_rate)
        count = len(self.validation_rows)
        samples = sample_waves(generator, self.source, self.sounds, count, self.settings, self.audio)
        values |= self.monitor.figures(samples)
        is_collapsed = self.monitor.is_collapsed(values)
        if is_collapsed:
            log.warning("%s: mode collapse at step %d: its samples are of few kinds", self.title, step)
        if accelerator().is_main_process:
            pairs = reconstruction_pairs(generator, self.sounds, self.validation_rows[:NUM_PAIRS])
            self.log_audio(step, pairs)
        return (-values["samples_kernel_distance"],), {**values, "collapsed": float(is_collapsed)}


def loop_settings(settings: VaeGanSettings) -> AdversarialSettings:
    """Settings of the adversarial loop."""
    names = (
        "steps", "generator_rate", "discriminator_rate", "betas", "optimizer", "schedule", "ema_decay",
        "validate_every", "checkpoint_every", "seed", "gradient_clip", "discriminator_every",
    )  # fmt: skip
    return AdversarialSettings(
        discriminator_steps=1,
        generator_from=int(settings.warm_up * settings.steps),
        **settings.model_dump(include=set(names)),
    )


@torch.no_grad()
def sample_waves(
    vae: Vae, source: LatentSource, sounds: Sounds, count: int, settings: VaeGanSettings, audio: AudioParams
) -> Tensor:
    """`count` post-processed samples [count, T] with the classes of training sounds, from fixed random numbers."""
    rng = np.random.default_rng([settings.seed, 2])
    waves = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        for rows in np.array_split(rng.permutation(sounds.rows)[:count], -(-count // settings.batch_size)):
            wave = to_wave(sounds.pcm(rows)).to(device())
            weights = class_weights(sounds.classes[rows]).to(wave.device)
            with autocast(wave.device):
                latent = source(vae, wave, weights)
                decoded = vae.decode(latent, weights).wave.float()
            waves.append(postprocess(decoded, wave.abs().amax(dim=1, keepdim=True), audio).cpu())
    return torch.cat(waves)
