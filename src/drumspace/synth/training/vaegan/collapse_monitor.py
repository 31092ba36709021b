"""Monitor of mode collapse: compares a generator's samples with real sounds in mel bands, without a judge's network.

Judges measure the generators for the report, so the best step and a collapse must be found by another measure.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from drumspace.audio.spectral.transforms import MelParams, mel_spectrogram
from drumspace.metrics.generation.diversity import spread
from drumspace.metrics.generation.kernel_distance import bandwidth, kernel_distance
from drumspace.metrics.generation.prdc import prdc

MEL = MelParams(n_fft=1024, hop_length=256, floor_db=-80, n_mels=64, fmin=20, fmax=None)
PARTS = 6
"""Parts in time, of each of which mean and standard deviation of every mel band are features."""
COMPONENTS = 32
"""Principal components of the real sounds, at most."""
NEIGHBOURS = 5
MIN_DIVERSITY = 0.5
"""Diversity relative to real sounds, below which samples have collapsed."""
MIN_COVERAGE, MIN_PRECISION = 0.25, 0.5
"""Samples have collapsed too where their coverage is below MIN_COVERAGE of other real sounds' coverage, with a
precision of MIN_PRECISION at least: samples far from real sounds cover nothing, however diverse they are."""


def texture(waves: Tensor, sample_rate: int) -> np.ndarray:
    """Means and standard deviations of log mel bands in each part of time: [n, T] → [n, PARTS · 2 · bands]."""
    parts = torch.tensor_split(mel_spectrogram(waves, sample_rate, MEL), PARTS, dim=2)
    features = [torch.cat([part.mean(dim=2), part.std(dim=2, correction=0)], dim=1) for part in parts]
    return torch.cat(features, dim=1).double().cpu().numpy()


@dataclass(frozen=True)
class CollapseMonitor:
    """Reference of real sounds for the samples of a generator."""

    real: np.ndarray
    """[n, d] principal components."""
    centre: np.ndarray
    axes: np.ndarray
    """[features, d]."""
    sample_rate: int
    floor: float
    """Coverage of other real sounds."""

    @classmethod
    def fit(cls, waves: Tensor, others: Tensor, sample_rate: int) -> "CollapseMonitor":
        """Fit to real waves [n, T]; as many `others` of other kits give the floor."""
        features = texture(waves, sample_rate)
        centre = features.mean(axis=0)
        _, _, axes = np.linalg.svd(features - centre, full_matrices=False)
        kept = axes[: min(COMPONENTS, len(waves) - 1)].T
        without_floor = cls((features - centre) @ kept, centre, kept, sample_rate, 0.0)
        floor = without_floor.figures(others)["samples_coverage"]
        return cls(without_floor.real, centre, kept, sample_rate, floor)

    def figures(self, waves: Tensor) -> dict[str, float]:
        """Kernel distance, coverage, precision and relative diversity of waves [n, T]."""
        points = (texture(waves, self.sample_rate) - self.centre) @ self.axes
        near = prdc(points, self.real, NEIGHBOURS)
        return {
            "samples_kernel_distance": kernel_distance(points, self.real, bandwidth(self.real)),
            **{f"samples_{name}": float(near[name]) for name in ("coverage", "precision")},
            "samples_diversity": spread(points, self.real),
        }

    def is_collapsed(self, figures: dict[str, float]) -> bool:
        """Whether the samples with these figures are of few modes."""
        is_narrow = (
            figures["samples_coverage"] < MIN_COVERAGE * self.floor and figures["samples_precision"] >= MIN_PRECISION
        )
        return is_narrow or figures["samples_diversity"] < MIN_DIVERSITY


def collapse_step(history: list[tuple[int, bool]]) -> int | None:
    """The step from which on all validations found a collapse; None if the last one did not."""
    start = None
    for step, is_collapsed in history:
        start = (step if start is None else start) if is_collapsed else None
    return start
