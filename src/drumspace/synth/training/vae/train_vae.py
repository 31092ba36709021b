"""Training of a VAE: initialisation, loss, validation."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.spectral.transforms import to_wave
from drumspace.synth.dsp.coarse_spectrum import MAX_SOUNDS, PcaInit
from drumspace.synth.losses.kl import kl_loss
from drumspace.synth.losses.reconstruction import reconstruction_loss, sample_resolutions
from drumspace.synth.models.vae.build_vae import build
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.training.vae.batches import Batches, Sounds, check_batch_size, segment_samples
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.validation import (
    NUM_PAIRS,
    check_collapse,
    noise_and_peaks_loss,
    reconstruction_pairs,
    validation_rows,
    validation_values,
)
from drumspace.training.core.base_loop import Report, no_report
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.loop import LoopSettings, train
from drumspace.training.core.not_finite import NotFinite
from drumspace.training.core.precision import accelerator
from drumspace.training.core.result import Score, TrainingResult

COLLAPSE_AFTER = 0.2
"""Share of the steps after which silence and collapsed latents are errors: early in a training both are normal."""
BATCH = 64
"""Sounds whose coarse spectra are computed at once."""

LogAudio = Callable[[int, np.ndarray], None]
"""(step, float32 [n, 2, T]): sounds and their reconstructions, at each validation."""


def no_audio(step: int, pairs: np.ndarray) -> None:
    """Log no audio."""


def train_vae(
    sounds: Sounds,
    settings: VaeSettings,
    sample_rate: int,
    num_samples: int,
    checkpoints: Checkpoints | None = None,
    report: Report = no_report,
    title: str = "vae",
    log_audio: LogAudio = no_audio,
) -> tuple[Vae, TrainingResult]:
    """Train a VAE; returns it on the CPU in evaluation mode, and the result of the training.

    num_samples: length of a sound. Raises UserError where there are fewer clips than a batch, NotFinite where the loss
    is NaN or infinite, TrainingCollapse where latents carry no information or sounds are silent.
    """
    check_batch_size(sounds, settings.batch_size, title)
    training = VaeTrainer(sounds, settings, sample_rate, num_samples, title, report, log_audio)
    return training.run(checkpoints)


class VaeTrainer:
    """The model, batches, loss and validation of a VAE's training."""

    def __init__(
        self,
        sounds: Sounds,
        settings: VaeSettings,
        sample_rate: int,
        num_samples: int,
        title: str,
        report: Report,
        log_audio: LogAudio,
    ) -> None:
        """Build and initialise the model. Arguments as of `train_vae`."""
        self.sounds, self.settings, self.sample_rate = sounds, settings, sample_rate
        self.title, self._report, self.log_audio = title, report, log_audio
        torch.manual_seed(settings.seed)
        self.model = build(settings, sample_rate, num_samples)
        if self.model.pca_init is not None:
            self.model.init_from_pca(coarse_spectra(self.model.pca_init, sounds, settings.seed))
        if settings.compiled:
            # Compiled in place: names of weights stay, and parts that cannot be compiled (STFTs) run as they are.
            self.model.encoder.compile()
            self.model.decoder.compile()
        self.batches = Batches(
            sounds=sounds,
            seed=settings.seed,
            size=settings.batch_size,
            label_dropout=settings.label_dropout,
            augment=settings.augment,
            num_samples=num_samples,
            hop=self.model.hop,
            samples=segment_samples(settings.segment, sample_rate, num_samples, self.model.hop, title),
        )
        self.validation_rows = validation_rows(sounds, settings.seed)
        self.logs: dict[str, float] = {}
        self.steps_done = 0

    def run(self, checkpoints: Checkpoints | None) -> tuple[Vae, TrainingResult]:
        """Train; the model with its kept weights, and the result."""
        settings = self.settings
        loop = LoopSettings(
            schedule="cosine",
            weight_decay=0.0,
            **settings.model_dump(
                include={"steps", "learning_rate", "ema_decay", "validate_every", "checkpoint_every", "seed"}
            ),
        )
        validate = self.validate if len(self.validation_rows) else None
        try:
            result = train(self.model, self.loss, validate, loop, checkpoints, self.report, self.title)
        except NotFinite as error:
            raise error.with_context(self.batches.describe(self.title, error.step)) from error
        self.model.load_state_dict(result.state)
        return self.model.cpu().eval(), result

    def loss(self, network: nn.Module, step: int, rank: int, world: int) -> Tensor:
        """Reconstruction loss, noise ratio and spectral peaks, and KL term of this process's part of a batch."""
        settings = self.settings
        self.steps_done = step + 1
        batch = self.batches.load(next(network.parameters()).device, rank, world, step)
        posterior, decoded = network(batch.wave, batch.classes, settings.terms.num_renderings == 2, batch.segment)
        distance = reconstruction_loss(
            decoded.wave,
            decoded.second_rendering,
            batch.real,
            settings.terms,
            self.sample_rate,
            sample_resolutions(settings.terms),
            batch.info,
        ).mean()
        noise_and_peaks = noise_and_peaks_loss(self.model, decoded, batch.real, batch.wave)
        reconstruction = distance + settings.terms.noise_ratio * noise_and_peaks
        kl = posterior.kl()
        weighted_kl = kl_loss(kl, settings.kl, (step + 1) / settings.steps)
        wave = decoded.wave.detach()
        self.logs = {
            "reconstruction": reconstruction.item(),
            "noise_ratio": noise_and_peaks.item(),
            "kl_loss": weighted_kl.item(),
            "kl": kl.sum(dim=1).mean().item(),
            "peak": wave.abs().amax(dim=1).mean().item(),
            "dc": wave.mean().abs().item(),
        }
        return reconstruction + weighted_kl

    def validate(self, network: nn.Module) -> tuple[Score, dict[str, float]]:
        """Negative validation loss as score, and the values to report."""
        values = validation_values(network, self.sounds, self.validation_rows, self.settings, self.sample_rate)
        if self.steps_done > COLLAPSE_AFTER * self.settings.steps:
            check_collapse(values, self.title, self.steps_done)
        if accelerator().is_main_process:
            pairs = reconstruction_pairs(network, self.sounds, self.validation_rows[:NUM_PAIRS])
            self.log_audio(self.steps_done, pairs)
        return (-values["validation_loss"],), values

    def report(self, step: int, values: dict[str, float]) -> None:
        """Report the loop's values, those of a training step with the terms of the loss."""
        self._report(step, {**values, **self.logs} if "loss" in values else values)


@torch.no_grad()
def coarse_spectra(pca_init: PcaInit, sounds: Sounds, seed: int) -> Tensor:
    """Coarse spectra of at most MAX_SOUNDS training sounds, drawn from the seed: [n, channels, frames]."""
    rows = np.random.default_rng(seed).permutation(sounds.rows)[:MAX_SOUNDS]
    batches = np.array_split(rows, -(-len(rows) // BATCH))
    return torch.cat([pca_init.coarse_spectrum(to_wave(sounds.pcm(batch))) for batch in batches])
