"""Metrics of a set of sounds by one judge: distances, class agreement, novelty and diversity."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.metrics.generation.class_agreement import class_agreement
from drumspace.metrics.generation.contract import DistributionMetrics, JudgeMetrics
from drumspace.metrics.generation.diversity import novelty, spread
from drumspace.synth.evaluation.distribution_metrics import distribution_metrics, half_metrics
from drumspace.synth.evaluation.measurements import Measurements
from drumspace.synth.evaluation.reference import Reference
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.taxonomy import CLASSES


@dataclass(frozen=True)
class SoundOrigin:
    """Origin of a set of sounds, as far as it decides which metrics apply."""

    generated: bool = True
    """False for real clips, for which memorization does not apply."""
    in_training: bool = False
    """Whether they are training clips of judges and generators: then class agreement and novelty do not apply."""
    comparable: bool = True
    """False for reconstructions of the reference clips: they can't be compared with the reference itself."""
    hop_length: int | None = None
    """Hop length of the decoder (samples)."""


def judge_metrics(
    points: np.ndarray,
    requested: np.ndarray,
    predicted: np.ndarray,
    reference: Reference,
    params: SynthesisParams,
    origin: SoundOrigin,
) -> dict[str, Any]:
    """JudgeMetrics of points [n, d] with class indices int [n], requested -1 where no class was requested."""
    metrics = Measurements(JudgeMetrics)
    metrics.values["predicted_classes"] = np.bincount(predicted, minlength=len(CLASSES)).tolist()
    if origin.comparable:
        add_distances(metrics, points, reference, params)
    if origin.in_training:
        metrics.record_missing("class agreement, novelty", "judge and generators were trained on them")
        return metrics.to_dict()
    if origin.comparable:
        metrics.measure("novelty", lambda: {"novelty": novelty(points, reference.trained_on, reference.points)})
    if (requested >= 0).any():
        add_class_agreement(metrics, requested, predicted)
        metrics.values["classes"] = {
            CLASSES[index]: class_metrics(
                points[requested == index], predicted[requested == index], int(index), reference, params, origin
            )
            for index in np.unique(requested[requested >= 0])
        }
    return metrics.to_dict()


def add_distances(metrics: Measurements, points: np.ndarray, reference: Reference, params: SynthesisParams) -> None:
    """Add the distances of all sounds and of two halves of them, and their diversity."""
    distances = distribution_metrics(points, reference.points, reference.sigma, params)
    metrics.values.update(distances.values)
    metrics.missing += distances.missing
    # Sounds come class by class: every second one makes a half with the same class proportions.
    halves = (points[::2], points[1::2])
    metrics.measure(
        "kernel distances of halves",
        lambda: {"halves": [half_metrics(half, reference.points, reference.sigma, params) for half in halves]},
    )
    metrics.measure("spread", lambda: {"spread": spread(points, reference.points)})


def add_class_agreement(metrics: Measurements, requested: np.ndarray, predicted: np.ndarray) -> None:
    """Add the class agreement and the confusion matrix of the sounds that were requested by class."""
    chosen = requested >= 0

    def agreement() -> dict[str, Any]:
        value, table = class_agreement(requested[chosen], predicted[chosen], len(CLASSES))
        return {"class_agreement": value, "confusion": table}

    metrics.measure("class agreement", agreement)


def class_metrics(
    points: np.ndarray,
    predicted: np.ndarray,
    index: int,
    reference: Reference,
    params: SynthesisParams,
    origin: SoundOrigin,
) -> dict[str, Any]:
    """ClassMetrics of the sounds that were requested of class `index`: points [n, d], predicted int [n]."""
    real = reference.points[reference.labels == index]
    if origin.comparable:
        metrics = distribution_metrics(points, real, reference.sigma, params)
    else:
        metrics = Measurements(DistributionMetrics)
    agreement = float((predicted == index).mean())
    return {"n": len(points), "reference_n": len(real), "agreement": agreement, **metrics.to_dict()}
