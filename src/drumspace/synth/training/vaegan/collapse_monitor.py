"""Whether a generator in training makes sounds like real ones, and unlike each other: without any judge's network.

Judges give the figures of the report; what chooses a step, or calls a collapse, must be another.
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
"""In time, of each of which mean and spread of every mel band count."""
COMPONENTS = 32
"""Principal components of the real sounds, at most."""
NEIGHBOURS = 5
ALIKE = 0.5
"""Of real sounds' diversity: below it, only few kinds of sounds are made."""
COLLAPSED, CONVINCING = 0.25, 0.5
"""Of other real sounds' coverage: below it, where so many samples lie among real sounds, these are of few kinds too.
Samples that lie elsewhere cover nothing, however many kinds there are."""


def texture(waves: Tensor, sample_rate: int) -> np.ndarray:
    """Waves [n, T] → [n, PARTS · 2 · bands]: means and spreads of log mel bands; level and grain of each part."""
    parts = torch.tensor_split(mel_spectrogram(waves, sample_rate, MEL), PARTS, dim=2)
    found = [torch.cat([part.mean(dim=2), part.std(dim=2, correction=0)], dim=1) for part in parts]
    return torch.cat(found, dim=1).double().cpu().numpy()


@dataclass(frozen=True)
class CollapseMonitor:
    """Real sounds to hold samples against."""

    real: np.ndarray
    """[n, d] principal components."""
    centre: np.ndarray
    axes: np.ndarray
    """[features, d]."""
    sample_rate: int
    floor: float
    """Coverage by other real sounds."""

    @classmethod
    def of(cls, waves: Tensor, others: Tensor, sample_rate: int) -> "CollapseMonitor":
        """From real waves [n, T], and as many others of other kits for the floor."""
        features = texture(waves, sample_rate)
        centre = features.mean(axis=0)
        _, _, axes = np.linalg.svd(features - centre, full_matrices=False)
        kept = axes[: min(COMPONENTS, len(waves) - 1)].T
        unfloored = cls((features - centre) @ kept, centre, kept, sample_rate, 0.0)
        floor = unfloored.figures(others)["samples_coverage"]
        return cls(unfloored.real, centre, kept, sample_rate, floor)

    def figures(self, waves: Tensor) -> dict[str, float]:
        """Of waves [n, T]: kernel distance, coverage of the real sounds, precision, and diversity beside theirs."""
        points = (texture(waves, self.sample_rate) - self.centre) @ self.axes
        near = prdc(points, self.real, NEIGHBOURS)
        return {
            "samples_kernel_distance": kernel_distance(points, self.real, bandwidth(self.real)),
            **{f"samples_{name}": float(near[name]) for name in ("coverage", "precision")},
            "samples_diversity": spread(points, self.real),
        }

    def collapsed(self, figures: dict[str, float]) -> bool:
        """Whether these figures are of few kinds of sounds."""
        few = figures["samples_coverage"] < COLLAPSED * self.floor and figures["samples_precision"] >= CONVINCING
        return few or figures["samples_diversity"] < ALIKE


def collapse_step(history: list[tuple[int, bool]]) -> int | None:
    """The step from which on all validations found a collapse; None where the last one did not."""
    begin = None
    for step, collapsed in history:
        begin = (step if begin is None else begin) if collapsed else None
    return begin
