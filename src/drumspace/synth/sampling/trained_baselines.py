"""Trained baselines: WaveGAN as a generator, MCNN for inversion, loaded from their model folders."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from drumspace.io.models import read_config, read_model
from drumspace.synth.models.baselines.mcnn import Mcnn, McnnSettings
from drumspace.synth.models.baselines.wavegan import WaveGanGenerator, WaveGanSettings, draw_latent
from drumspace.synth.sampling.generator import Generator
from drumspace.training.core.precision import device

BATCH = 32


@dataclass(frozen=True)
class WaveGan:
    """A trained WaveGAN, which is unconditional. A drumspace.synth.sampling.generator.Generator."""

    module: nn.Module
    latent: int
    conditional: bool = False

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """Generate `count` sounds in batches, float32 [b, num_samples]; `label` is ignored."""
        latent = draw_latent(np.random.default_rng(seed), count, self.latent)
        target = next(self.module.parameters()).device
        for start in range(0, count, BATCH):
            with torch.inference_mode():
                yield self.module(latent[start : start + BATCH].to(target)).float().cpu().numpy()


def load_wavegan(folder: Path) -> Generator:
    """Load the WaveGAN in `folder`. Raises UserError for missing or unreadable files."""
    config = read_config(folder)
    settings = WaveGanSettings.model_validate(config["settings"])
    module = WaveGanGenerator(config["num_samples"], settings.latent, settings.width, settings.layers)
    return WaveGan(read_model(folder, module, device()), settings.latent)


def mcnn_settings(folder: Path) -> McnnSettings:
    """Read the settings of the MCNN in `folder`. Raises UserError for missing files."""
    return McnnSettings.model_validate(read_config(folder)["settings"])


def load_mcnn(folder: Path) -> Mcnn:
    """Load the MCNN in `folder`. Raises UserError for missing or unreadable files."""
    module = read_model(folder, Mcnn(mcnn_settings(folder)), device())
    assert isinstance(module, Mcnn)
    return module
