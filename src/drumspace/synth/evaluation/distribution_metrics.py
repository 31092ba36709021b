"""Distances between the distributions of generated and real sounds in the embedding of one judge."""

from typing import Any

import numpy as np

from drumspace.metrics.generation.contract import DistributionMetrics, HalfMetrics
from drumspace.metrics.generation.frechet import MIN_SOUNDS_TO_EXTRAPOLATE, FrechetSpace
from drumspace.metrics.generation.kernel_distance import KernelMatrices
from drumspace.metrics.generation.prdc import prdc
from drumspace.synth.evaluation.measurements import Measurements
from drumspace.synth.evaluation.settings import SynthesisParams


def distribution_metrics(points: np.ndarray, real: np.ndarray, sigma: float, params: SynthesisParams) -> Measurements:
    """DistributionMetrics of generated points [n, d] and real ones [m, d]; `sigma` is the kernel's bandwidth."""
    metrics = Measurements(DistributionMetrics)
    metrics.measure(
        "kernel distance", lambda: {"kernel_distance": KernelMatrices.build(points, real, sigma).distance()}
    )
    metrics.measure("its interval", lambda: {"kernel_distance_ci95": kernel_interval(points, real, sigma, params)})
    metrics.measure("FAD", lambda: frechet_metrics(points, real, params))
    metrics.measure("precision to coverage", lambda: prdc(points, real, params.neighbours))
    return metrics


def frechet_metrics(points: np.ndarray, real: np.ndarray, params: SynthesisParams) -> dict[str, Any]:
    """Fréchet distance and its dimensions; extrapolated too where there are enough points."""
    space = FrechetSpace(real, params.components)
    metrics: dict[str, Any] = {"fad": space.distance(points), "fad_dimensions": space.dimensions}
    if len(points) >= MIN_SOUNDS_TO_EXTRAPOLATE:
        metrics["fad_at_infinity"] = space.at_infinity(points, params.seed)
    return metrics


def kernel_interval(points: np.ndarray, real: np.ndarray, sigma: float, params: SynthesisParams) -> tuple[float, float]:
    """95 % interval of the kernel distance."""
    return KernelMatrices.build(points, real, sigma).interval(params.resamples, params.seed)


def half_metrics(points: np.ndarray, real: np.ndarray, sigma: float, params: SynthesisParams) -> HalfMetrics:
    """Kernel distance and interval of one half of a set of sounds."""
    low, high = kernel_interval(points, real, sigma, params)
    distance = KernelMatrices.build(points, real, sigma).distance()
    return {"kernel_distance": distance, "kernel_distance_ci95": [low, high], "n": len(points)}
