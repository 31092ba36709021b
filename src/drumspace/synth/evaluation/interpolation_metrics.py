"""Latent interpolation between pairs of reference clips: how straight the paths are in the judge's embedding."""

from typing import Any

import numpy as np
from torch import Tensor

from drumspace.metrics.generation.contract import InterpolationMetrics
from drumspace.metrics.generation.latent import path_ratio
from drumspace.synth.evaluation.latent_metrics import decode_all
from drumspace.synth.evaluation.measurements import NOT_A_NUMBER
from drumspace.synth.evaluation.reference import Reference
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.sampling.interpolation import Path, interpolate_latents
from drumspace.synth.sampling.trained_vae import TrainedVae

PATHS: tuple[Path, ...] = ("linear", "spherical")
STEPS = 9
"""Sounds per path, both ends included."""


def draw_pairs(labels: np.ndarray, count: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Draw `count` pairs of rows of two different classes; none where there is one class only. labels: int [n]."""
    present = np.unique(labels)
    if len(present) < 2:
        return []
    pairs = []
    for _ in range(count):
        first, last = rng.choice(present, 2, replace=False)
        pairs.append(
            (int(rng.choice(np.flatnonzero(labels == first))), int(rng.choice(np.flatnonzero(labels == last))))
        )
    return pairs


def interpolation_metrics(
    vae: TrainedVae,
    means: Tensor,
    labels: np.ndarray,
    pairs: list[tuple[int, int]],
    reference: Reference,
    seed: int,
) -> tuple[dict[str, Any], np.ndarray]:
    """InterpolationMetrics of each of PATHS, and the sounds of the first pair: float32 [paths, STEPS, T].

    means: posterior means [n, size] of clips with class indices int [n]; pairs: rows of the two ends.
    """
    metrics: dict[str, Any] = {}
    samples = []
    for path in PATHS if pairs else ():
        metrics[path], waves = path_metrics(vae, means, labels, pairs, reference, seed, path)
        samples.append(waves)
    empty = np.empty((0, STEPS, vae.audio.num_samples), dtype=np.float32)
    return metrics, np.stack(samples) if samples else empty


def path_metrics(
    vae: TrainedVae,
    means: Tensor,
    labels: np.ndarray,
    pairs: list[tuple[int, int]],
    reference: Reference,
    seed: int,
    path: Path,
) -> tuple[InterpolationMetrics, np.ndarray]:
    """InterpolationMetrics of all pairs along one kind of path, and the sounds of the first pair [STEPS, T]."""
    points, between, first = [], [], None
    for rows in pairs:
        waves = decode_path(vae, means[list(rows)], labels[list(rows)], seed, path)
        embedded, probs = reference.embed_and_predict(waves)
        points.append(embedded)
        between.append(np.isin(probs.argmax(axis=1), labels[list(rows)]).mean())
        first = waves if first is None else first
    assert first is not None
    ratios = path_ratio(np.stack(points))
    ratio = float(np.nanmean(ratios)) if np.isfinite(ratios).any() else None
    metrics: Any = {"path_ratio": ratio, "between": float(np.mean(between)), "n": len(pairs)}
    if ratio is None:
        metrics["not_measured"] = [{"what": "path_ratio", "why": f"{NOT_A_NUMBER}: both ends have equal embeddings"}]
    return metrics, first


def decode_path(vae: TrainedVae, ends: Tensor, labels: np.ndarray, seed: int, path: Path) -> np.ndarray:
    """Decode the path between two latents [2, size] of classes int [2], class weights blended linearly: [STEPS, T]."""
    latents = interpolate_latents(ends[0], ends[1], STEPS, path)
    weights = class_weights(labels)
    blended = interpolate_latents(weights[0], weights[1], STEPS, "linear")
    return decode_all(vae, latents, blended, seed, same_noise=True)
