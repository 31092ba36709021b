"""A VAE as its stages left it: sounds to latents and back, and new sounds from a prior."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from drumspace.audio.decode.clip import amplitude
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
"""Larger ones leave a processor's cache."""


@dataclass(frozen=True)
class TrainedVae:
    """A VAE and its priors, on its device. A drumspace.synth.sampling.generator.Generator."""

    name: str
    module: Vae
    config: dict[str, Any]
    priors: FittedPriors | None = None
    """None before they are fitted: N(0, I)."""
    prior: str = "normal"
    """The one that sounds are drawn from."""

    @property
    def conditional(self) -> bool:
        """Whether it knows classes."""
        return self.module.classes is not None

    @cached_property
    def audio(self) -> AudioParams:
        """What a sound is to it: rate, length, onset."""
        return AudioParams.model_validate(self.config["audio"])

    @property
    def prior_names(self) -> list[str]:
        """The priors that there are."""
        return [] if self.priors is None else list(self.priors.priors)

    @property
    def size(self) -> int:
        """Numbers of a sound's latent, frames and all."""
        return self.module.latent * (1 if self.module.kind == "global" else self.module.frames)

    def encode(self, waves: np.ndarray) -> Posteriors:
        """float32 [n, num_samples] → posteriors."""
        place = next(self.module.parameters()).device
        means, variances = [], []
        with torch.inference_mode():
            for begin in range(0, len(waves), BATCH):
                found = self.module.encode(torch.from_numpy(waves[begin : begin + BATCH]).to(place))
                means.append(found.mean.flatten(1).float().cpu())
                variances.append(found.log_variance.flatten(1).float().cpu())
        empty = torch.empty(0, self.size)
        return Posteriors(torch.cat([empty, *means]), torch.cat([empty, *variances]))

    def decode(self, latents: Tensor, classes: Tensor | None, seed: int, alike: bool = False) -> Iterator[np.ndarray]:
        """Latents [n, size] and weights of classes [n, classes + 1] → batches of float32 [b, num_samples].

        Sounds come at the level of the sounds that were learned from, and end as these do. What is noise in them
        follows from the seed and their places; `alike`: from the seed alone, so that steps of a way differ by their
        latents only.
        """
        place = next(self.module.parameters()).device
        generator = torch.Generator().manual_seed(seed)
        frames = () if self.module.kind == "global" else (self.module.frames,)
        size = 1 if alike else BATCH
        for begin in range(0, len(latents), size):
            if alike:
                generator.manual_seed(seed)
            some = latents[begin : begin + size].reshape(-1, self.module.latent, *frames).to(place)
            beside = None if classes is None or not self.conditional else classes[begin : begin + size].to(place)
            with torch.inference_mode(), autocast(place):
                wave = self.module.decode(some, beside, generator).wave.float().cpu()
            yield postprocess(wave, amplitude(self.config["level_dbfs"]), self.audio).numpy()

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """See drumspace.synth.sampling.generator.Generator."""
        index = -1 if label is None else CLASSES.index(label)
        return self.decode(self.draw(index, count, seed), class_weights(np.full(count, index)), seed)

    def draw(self, index: int, count: int, seed: int) -> Tensor:
        """`count` latents [count, size] of class `index` (-1: of any) from the prior."""
        # Each class its own draws, and other draws than the noise of the decoder.
        generator = torch.Generator().manual_seed(seed * 1009 + index + 2)
        if self.priors is None:
            return torch.randn(count, self.size, generator=generator)
        return self.priors.sample(self.prior, index, count, generator)

    def near(self, latent: Tensor, count: int, amount: float, seed: int) -> Tensor:
        """`count` latents around one [size], `amount` standard deviations of all latents away: [count, size]."""
        generator = torch.Generator().manual_seed(seed)
        if self.priors is None:
            return latent + amount * torch.randn(count, self.size, generator=generator)
        return latent + amount * self.priors.axes.moves(count, generator)


def load_vae(folder: Path, priors: Path | None = None, prior: str | None = None) -> TrainedVae:
    """The VAE in `folder`, and its priors; `prior` names another one than they were made to use.

    Raises UserError where files are missing or of another architecture.
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
