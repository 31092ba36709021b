"""From true magnitudes back to a wave: what it costs that the phase is not known."""

from collections.abc import Callable

import numpy as np
import torch

from drumspace.audio.spectral.inversion import griffin_lim, magnitude
from drumspace.synth.models.baselines.mcnn import Mcnn, McnnSettings

Inversion = Callable[[np.ndarray], np.ndarray]
"""float32 [n, T] → what its magnitudes alone give, float32 [n, T]."""
BATCH = 16
MOMENTUM = 0.99
"""Of the fast iteration (Perraudin et al. 2013)."""


def griffin_lim_of(n_fft: int, hop_length: int, iterations: int, seed: int) -> Inversion:
    """Griffin and Lim's iteration; see drumspace.audio.spectral.inversion."""

    def invert(waves: np.ndarray) -> np.ndarray:
        parts = []
        for begin in range(0, len(waves), BATCH):
            real = torch.from_numpy(waves[begin : begin + BATCH])
            spectrum = magnitude(real, n_fft, hop_length)
            parts.append(griffin_lim(spectrum, n_fft, hop_length, real.shape[1], iterations, MOMENTUM, seed).numpy())
        return np.concatenate(parts)

    return invert


def mcnn_of(module: Mcnn, settings: McnnSettings) -> Inversion:
    """A trained MCNN."""

    def invert(waves: np.ndarray) -> np.ndarray:
        place = next(module.parameters()).device
        parts = []
        for begin in range(0, len(waves), BATCH):
            real = torch.from_numpy(waves[begin : begin + BATCH])
            with torch.inference_mode():
                spectrum = magnitude(real, settings.n_fft, settings.hop_length).to(place)
                parts.append(module(spectrum, real.shape[1]).float().cpu().numpy())
        return np.concatenate(parts)

    return invert
