"""Principal axes of a latent space, described by how the decoded sounds change along them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor

from drumspace.metrics.generation.contract import AxisMetrics, DescriptorChange
from drumspace.metrics.generation.descriptors import describe
from drumspace.synth.evaluation.latent_metrics import decode_all
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.sampling.pca_axes import PcaAxes
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.taxonomy import CLASSES

STEPS = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Positions along an axis, in standard deviations of the latents."""
WORDS = {
    "pitch": ("lower", "higher"),
    "brightness": ("darker", "brighter"),
    "decay": ("shorter", "longer"),
    "noisiness": ("more tonal", "noisier"),
}


@dataclass(frozen=True)
class Grid:
    """Points along principal axes, through several latents each."""

    latents: Tensor
    """[axes · starts · steps, size]."""
    start_index: Tensor
    """int [axes · starts · steps]: index of the latent that each point lies on an axis through."""
    num_axes: int


def build_grid(axes: PcaAxes, starts: Tensor, count: int) -> Grid:
    """Points at STEPS along the first `count` axes through the latents `starts` [n, size]."""
    count = min(count, len(axes.spread))
    offsets = torch.tensor(STEPS)[:, None] * axes.spread[:count, None, None, None] * axes.directions[:count, None, None]
    latents = starts[None, :, None] + offsets
    index = torch.arange(len(starts))[None, :, None].expand(count, -1, len(STEPS))
    return Grid(latents.reshape(-1, starts.shape[1]), index.reshape(-1), count)


def descriptor_scales(waves: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    """Descriptors on perceptual scales: pitch, brightness and decay in octaves, noisiness in dB."""
    values = describe(waves, sample_rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: 10 * np.log10(each) if name == "noisiness" else np.log2(each) for name, each in values.items()}


def steadiness(values: np.ndarray) -> float:
    """Mean Spearman correlation of rows [n, steps] with their steps: 1 where all rise, -1 where all fall.

    A constant row counts as 0.
    """
    steps = np.arange(values.shape[1])
    ranks = [float(np.nan_to_num(spearmanr(steps, row).statistic)) if np.ptp(row) else 0.0 for row in values]
    return float(np.mean(ranks))


def describe_axes(waves: np.ndarray, num_axes: int, sample_rate: int) -> list[AxisMetrics]:
    """Describe each axis by the sounds of a Grid: float [axes · starts · steps, T].

    An axis is named by the descriptor with the largest product of |slope|, in units of that descriptor's spread over
    all the sounds, and |steadiness|.
    """
    scales = {
        name: each.reshape(num_axes, -1, len(STEPS)) for name, each in descriptor_scales(waves, sample_rate).items()
    }
    axes: list[Any] = []
    for axis in range(num_axes):
        changes: dict[str, DescriptorChange] = {}
        for name, values in scales.items():
            rows = values[axis][np.isfinite(values[axis]).all(axis=1)]
            if not len(rows):
                continue
            slopes = np.polyfit(STEPS, rows.T, 1)[0]
            changes[name] = {"per_step": float(slopes.mean()), "steadiness": steadiness(rows), "n": len(rows)}
        axes.append({"axis": axis + 1, "changes": changes, **name_axis(changes, scales)})
    return axes


def name_axis(changes: dict[str, DescriptorChange], scales: dict[str, np.ndarray]) -> dict[str, Any]:
    """`name`, `words` for the two ends and `strength` of an axis; null where no descriptor could be measured."""
    strengths = {
        name: abs(change["per_step"] * change["steadiness"]) / max(float(np.nanstd(scales[name])), 1e-9)
        for name, change in changes.items()
    }
    if not strengths:
        return {"name": None, "words": None, "strength": None}
    name = max(strengths, key=lambda each: strengths[each])
    low, high = WORDS[name]
    words = [low, high] if changes[name]["per_step"] >= 0 else [high, low]
    return {"name": name, "words": words, "strength": strengths[name]}


def axis_metrics(
    vae: TrainedVae, means: Tensor, labels: np.ndarray, count: int
) -> tuple[list[AxisMetrics], np.ndarray]:
    """AxisMetrics of the first `count` axes through the mean latent of each class, and sounds: [axes, steps, T].

    means: posterior means [n, size] of clips with class indices int [n]. The sounds of an axis start from the class in
    which it changes the waveform most.
    """
    if vae.priors is None:
        return [], np.empty((0, len(STEPS), vae.audio.num_samples), dtype=np.float32)
    present = np.unique(labels)
    class_means = torch.stack([means[torch.from_numpy(labels == index)].mean(dim=0) for index in present])
    grid = build_grid(vae.priors.pca_axes, class_means, count)
    weights = class_weights(present[grid.start_index.numpy()])
    waves = decode_all(vae, grid.latents, weights, 0, same_noise=True)
    axes = describe_axes(waves, grid.num_axes, vae.audio.sample_rate)
    rows = waves.reshape(grid.num_axes, len(present), len(STEPS), -1)
    chosen = [largest_change(rows[axis]) for axis in range(grid.num_axes)]
    for axis, start in enumerate(chosen):
        axes[axis]["start_class"] = CLASSES[present[start]]
    return axes, np.stack([rows[axis, start] for axis, start in enumerate(chosen)])


def largest_change(waves: np.ndarray) -> int:
    """Row of waves [starts, steps, T] with the largest energy of its change from first to last over its own energy."""
    change = np.square(waves[:, -1] - waves[:, 0]).sum(axis=1)
    return int((change / np.maximum(np.square(waves).sum(axis=(1, 2)), 1e-9)).argmax())
