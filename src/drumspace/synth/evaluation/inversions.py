"""Inversions: phase reconstruction of reference clips from their true magnitudes, and its evaluation."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from drumspace.audio.spectral.inversion import griffin_lim, magnitude
from drumspace.io.models import read_config
from drumspace.synth.evaluation.evaluate import EvaluationContext, evaluate
from drumspace.synth.evaluation.judge_metrics import SoundOrigin
from drumspace.synth.evaluation.latent_metrics import reconstructed_rows
from drumspace.synth.evaluation.reconstruction_metrics import reconstruction_metrics
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.models.baselines.mcnn import Mcnn, McnnSettings
from drumspace.synth.sampling.generator import SoundSet, drop_unusable
from drumspace.synth.sampling.trained_baselines import load_mcnn, mcnn_settings

Inversion = Callable[[np.ndarray], np.ndarray]
"""Waves float32 [n, T] → waves of the same shape, reconstructed from their magnitudes."""
BATCH = 16
MOMENTUM = 0.99
"""Momentum of fast Griffin-Lim (Perraudin et al. 2013)."""


def build_griffin_lim(n_fft: int, hop_length: int, iterations: int, seed: int) -> Inversion:
    """Inversion by Griffin and Lim's iteration; see drumspace.audio.spectral.inversion."""

    def invert(waves: np.ndarray) -> np.ndarray:
        parts = []
        for start in range(0, len(waves), BATCH):
            real = torch.from_numpy(waves[start : start + BATCH])
            spectrum = magnitude(real, n_fft, hop_length)
            parts.append(griffin_lim(spectrum, n_fft, hop_length, real.shape[1], iterations, MOMENTUM, seed).numpy())
        return np.concatenate(parts)

    return invert


def build_mcnn(module: Mcnn, settings: McnnSettings) -> Inversion:
    """Inversion by a trained MCNN, on the model's device."""

    def invert(waves: np.ndarray) -> np.ndarray:
        device = next(module.parameters()).device
        parts = []
        for start in range(0, len(waves), BATCH):
            real = torch.from_numpy(waves[start : start + BATCH])
            with torch.inference_mode():
                spectrum = magnitude(real, settings.n_fft, settings.hop_length).to(device)
                parts.append(module(spectrum, real.shape[1]).float().cpu().numpy())
        return np.concatenate(parts)

    return invert


def load_inversions(mcnn: Path, params: SynthesisParams) -> Iterator[tuple[str, Inversion, int]]:
    """Name, function and hop length of the inversions in the settings, all with MCNN's spectrogram size.

    `mcnn`: folder of the trained MCNN.
    """
    if not params.inversions:
        return
    settings = mcnn_settings(mcnn)
    builders: dict[str, Callable[[], Inversion]] = {
        "griffin_lim": lambda: build_griffin_lim(
            settings.n_fft, settings.hop_length, params.griffin_lim_iterations, params.seed
        ),
        "mcnn": lambda: build_mcnn(load_mcnn(mcnn), settings),
    }
    for name in params.inversions:
        if name == "mcnn" and "not_run" in read_config(mcnn):
            continue
        yield name, builders[name](), settings.hop_length


def evaluate_inversion(
    invert: Inversion, hop_length: int, real: np.ndarray, labels: np.ndarray, context: EvaluationContext
) -> tuple[SoundSet, dict[str, Any], pd.DataFrame]:
    """Invert some of the reference clips, float32 [n, T] with class indices int [n], and evaluate the results.

    Returns the inverted sounds, their entry of synthesis.json and a row for each sound.
    """
    chosen = reconstructed_rows(len(real), context)
    usable = drop_unusable(invert(real[chosen]), np.arange(len(chosen)))
    kept = chosen[usable.requested]
    sounds = SoundSet(usable.waves, labels[kept], usable.failures)
    entry, table = evaluate(sounds, context, SoundOrigin(comparable=False, hop_length=hop_length))
    if len(kept):
        entry |= reconstruction_metrics(sounds.waves, real[kept], sounds.requested, context.sample_rate)
    return sounds, {**entry, "conditional": True}, table
