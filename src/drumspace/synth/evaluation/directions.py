"""What the principal axes of a latent space change in a sound: each is named by it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor

from drumspace.metrics.generation.descriptors import describe
from drumspace.synth.sampling.pca_axes import Axes

STEPS = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Along an axis, in standard deviations of the latents."""
WORDS = {
    "pitch": ("lower", "higher"),
    "brightness": ("darker", "brighter"),
    "decay": ("shorter", "longer"),
    "noisiness": ("more tonal", "noisier"),
}


@dataclass(frozen=True)
class Grid:
    """Points along axes, from several places each."""

    latents: Tensor
    """[axes · places · steps, size]."""
    places: Tensor
    """int [the same]: which place a point starts from."""
    axes: int


def grid_of(axes: Axes, places: Tensor, count: int) -> Grid:
    """Points along the first `count` axes through `places` [n, size]."""
    count = min(count, len(axes.spread))
    moves = torch.tensor(STEPS)[:, None] * axes.spread[:count, None, None, None] * axes.directions[:count, None, None]
    latents = places[None, :, None] + moves
    index = torch.arange(len(places))[None, :, None].expand(count, -1, len(STEPS))
    return Grid(latents.reshape(-1, places.shape[1]), index.reshape(-1), count)


def scales(waves: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    """Descriptors as they are heard: pitch, brightness and decay in octaves, noisiness in decibels."""
    found = describe(waves, sample_rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            name: 10 * np.log10(values) if name == "noisiness" else np.log2(values) for name, values in found.items()
        }


def directions_of(waves: np.ndarray, axes: int, sample_rate: int) -> list[dict[str, Any]]:
    """For each axis what it changes, of the sounds of a Grid: [axes · places · steps, T].

    changes: for each descriptor `per_step` (its mean slope over a standard deviation of the latents: octaves, or dB)
    and `steadiness` (mean rank correlation with the way along the axis, in [-1, 1]). An axis is named by the
    descriptor with the greatest |slope| in units of that descriptor's spread over all the sounds, times |steadiness|.
    """
    told = {name: values.reshape(axes, -1, len(STEPS)) for name, values in scales(waves, sample_rate).items()}
    found: list[dict[str, Any]] = []
    for axis in range(axes):
        changes: dict[str, dict[str, float | int]] = {}
        for name, values in told.items():
            rows = values[axis][np.isfinite(values[axis]).all(axis=1)]
            if not len(rows):
                continue
            slopes = np.polyfit(STEPS, rows.T, 1)[0]
            ranks = [float(np.nan_to_num(spearmanr(STEPS, row).statistic)) if np.ptp(row) else 0.0 for row in rows]
            changes[name] = {"per_step": float(slopes.mean()), "steadiness": float(np.mean(ranks)), "n": len(rows)}
        found.append({"axis": axis + 1, "changes": changes, **named(changes, told)})
    return found


def named(changes: dict[str, dict[str, float | int]], told: dict[str, np.ndarray]) -> dict[str, Any]:
    """`name`, `words` (what its two ends are) and `strength` of an axis; null where nothing was measured."""
    strengths = {
        name: abs(change["per_step"] * change["steadiness"]) / max(float(np.nanstd(told[name])), 1e-9)
        for name, change in changes.items()
    }
    if not strengths:
        return {"name": None, "words": None, "strength": None}
    name = max(strengths, key=lambda each: strengths[each])
    low, high = WORDS[name]
    words = [low, high] if changes[name]["per_step"] >= 0 else [high, low]
    return {"name": name, "words": words, "strength": strengths[name]}
