"""A trained VAE with its fitted priors: encoding, decoding, and new sounds from a prior."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from drumspace.audio.format.levels import db_to_amplitude
from drumspace.audio.format.settings import AudioParams
from drumspace.io.models import read_config, read_model
from drumspace.synth.dsp.postprocess import postprocess
from drumspace.synth.models.vae.build_vae import build, class_weights
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.fitted_priors import FittedPriors, load_priors
from drumspace.synth.sampling.posteriors import Posteriors
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.taxonomy import CLASSES
from drumspace.training.core.memory import keep_freed_memory
from drumspace.training.core.precision import autocast, device

BATCH = 16
"""Clips per batch; larger batches exceed a processor's cache."""


@dataclass(frozen=True)
class TrainedVae:
    """A VAE on its device, with its priors. A drumspace.synth.sampling.generator.Generator."""

    name: str
    module: Vae
    config: dict[str, Any]
    priors: FittedPriors | None = None
    """Fitted priors; None before they are fitted, where latents are drawn from N(0, I)."""
    prior: str = "normal"
    """Name of the prior that new sounds are drawn from."""

    @property
    def conditional(self) -> bool:
        """Whether the model was trained with class labels."""
        return self.module.classes is not None

    @cached_property
    def audio(self) -> AudioParams:
        """Format of the clips that the model was trained on."""
        return AudioParams.model_validate(self.config["audio"])

    @property
    def prior_names(self) -> list[str]:
        """Names of the fitted priors."""
        return [] if self.priors is None else list(self.priors.priors)

    @property
    def size(self) -> int:
        """Dimensions of a flattened latent: all frames together."""
        return self.module.latent * (1 if self.module.kind == "global" else self.module.frames)

    def encode(self, waves: np.ndarray) -> Posteriors:
        """Encode float32 [n, num_samples] to posteriors, frames flattened: [n, size]."""
        target = next(self.module.parameters()).device
        means, variances = [], []
        with torch.inference_mode():
            for start in range(0, len(waves), BATCH):
                posterior = self.module.encode(torch.from_numpy(waves[start : start + BATCH]).to(target))
                means.append(posterior.mean.flatten(1).float().cpu())
                variances.append(posterior.log_variance.flatten(1).float().cpu())
        empty = torch.empty(0, self.size)
        return Posteriors(torch.cat([empty, *means]), torch.cat([empty, *variances]))

    def decode(
        self, latents: Tensor, classes: Tensor | None, seed: int, same_noise: bool = False
    ) -> Iterator[np.ndarray]:
        """Decode latents [n, size] with class weights [n, classes + 1] to batches of float32 [b, num_samples].

        Sounds are post-processed to the level and the fade-out of the training clips. The decoder's noise depends on
        the seed and on a sound's position; with `same_noise` on the seed alone, so that the steps of an interpolation
        differ by their latents only.
        """
        target = next(self.module.parameters()).device
        generator = torch.Generator().manual_seed(seed)
        frames = () if self.module.kind == "global" else (self.module.frames,)
        size = 1 if same_noise else BATCH
        for start in range(0, len(latents), size):
            if same_noise:
                generator.manual_seed(seed)
            part = latents[start : start + size].reshape(-1, self.module.latent, *frames).to(target)
            weights = None if classes is None or not self.conditional else classes[start : start + size].to(target)
            with torch.inference_mode(), autocast(target):
                wave = self.module.decode(part, weights, generator).wave.float().cpu()
            yield postprocess(wave, db_to_amplitude(self.config["level_dbfs"]), self.audio).numpy()

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """Generate `count` sounds of a class in batches, float32 [b, num_samples]; see generator.Generator."""
        index = -1 if label is None else CLASSES.index(label)
        return self.decode(self.draw_latents(index, count, seed), class_weights(np.full(count, index)), seed)

    def draw_latents(self, index: int, count: int, seed: int) -> Tensor:
        """Draw latents [count, size] of class `index` (-1: no class) from the prior."""
        # The seed differs by class, and from that of the decoder's noise.
        generator = torch.Generator().manual_seed(seed * 1009 + index + 2)
        if self.priors is None:
            return torch.randn(count, self.size, generator=generator)
        return self.priors.sample(self.prior, index, count, generator)

    def perturb(self, latent: Tensor, count: int, amount: float, seed: int) -> Tensor:
        """Draw latents [count, size] near one [size]: offsets of `amount` standard deviations of all latents."""
        generator = torch.Generator().manual_seed(seed)
        if self.priors is None:
            return latent + amount * torch.randn(count, self.size, generator=generator)
        return latent + amount * self.priors.pca_axes.random_offsets(count, generator)


def load_vae(folder: Path, priors: Path | None = None, prior: str | None = None) -> TrainedVae:
    """Load the VAE in `folder`, with its priors; `prior` replaces their saved default.

    Raises UserError for missing files and for weights of another architecture.
    """
    keep_freed_memory()
    config = read_config(folder)
    settings = VaeSettings.model_validate(config["settings"])
    audio = AudioParams.model_validate(config["audio"])
    module = read_model(folder, build(settings, audio.sample_rate, audio.num_samples), device())
    assert isinstance(module, Vae)
    if priors is None:
        return TrainedVae(folder.name, module, config)
    return TrainedVae(folder.name, module, config, *load_priors(priors, prior))
