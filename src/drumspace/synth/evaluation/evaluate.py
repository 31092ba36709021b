"""Evaluation of one set of sounds: its entry of synthesis.json, and a row for each sound."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from drumspace.metrics.generation.contract import JudgeMetrics, SoundMetrics
from drumspace.metrics.generation.diversity import nearest
from drumspace.synth.evaluation.judge_metrics import SoundOrigin, judge_metrics
from drumspace.synth.evaluation.measurements import Measurements
from drumspace.synth.evaluation.memorization import MemorizationTest
from drumspace.synth.evaluation.reconstruction_metrics import periodicity_metrics
from drumspace.synth.evaluation.reference import Reference
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.sampling.generator import SoundSet
from drumspace.taxonomy import CLASSES


@dataclass(frozen=True)
class EvaluationContext:
    """The judges, the memorization test and the settings with which every set of sounds is evaluated."""

    references: dict[str, Reference]
    """By the judge's name; the first one's metrics are the main ones of an entry."""
    memorization: MemorizationTest
    sample_rate: int
    params: SynthesisParams

    @property
    def first(self) -> Reference:
        """The reference of the first judge."""
        return next(iter(self.references.values()))


def evaluate(sounds: SoundSet, context: EvaluationContext, origin: SoundOrigin) -> tuple[dict[str, Any], pd.DataFrame]:
    """Evaluate a set of sounds: its SoundSetMetrics but for `conditional`, and the table of `prediction_rows`."""
    by_judge: dict[str, dict[str, Any]] = {}
    table = prediction_rows(np.empty((0, 1)), sounds.requested[:0], np.empty((0, len(CLASSES))), None)
    predicted = np.empty(0, dtype=np.int64)
    for name, reference in context.references.items():
        if not len(sounds.waves):
            by_judge[name] = Measurements(JudgeMetrics).to_dict()
            continue
        points, probs = reference.embed_and_predict(sounds.waves)
        classes = probs.argmax(axis=1)
        by_judge[name] = judge_metrics(points, sounds.requested, classes, reference, context.params, origin)
        if not len(table):
            predicted, table = classes, prediction_rows(points, sounds.requested, probs, reference)
    metrics = sound_metrics(sounds, predicted, context, origin)
    first, *others = by_judge
    return {
        **by_judge[first],
        **metrics,
        "failures": sounds.failures,
        "judges": {name: by_judge[name] for name in others},
        "not_measured": [*by_judge[first]["not_measured"], *metrics["not_measured"]],
    }, table


def sound_metrics(
    sounds: SoundSet, predicted: np.ndarray, context: EvaluationContext, origin: SoundOrigin
) -> dict[str, Any]:
    """SoundMetrics of a set: hop periodicity and memorization. The classes `predicted` replace missing requests."""
    metrics = Measurements(SoundMetrics)
    metrics.values["n"] = len(sounds.waves)
    if not len(sounds.waves):
        metrics.record_missing("everything", "no sound was left to evaluate")
        return metrics.to_dict()
    labels = np.where(sounds.requested >= 0, sounds.requested, predicted)
    hop_length = origin.hop_length or context.params.hop_length
    metrics.measure("buzz", lambda: periodicity_metrics(sounds.waves, labels, hop_length))
    if origin.generated and origin.comparable:
        metrics.measure("memorization", lambda: context.memorization.measure(sounds.waves))
    return metrics.to_dict()


def prediction_rows(
    points: np.ndarray, requested: np.ndarray, probs: np.ndarray, reference: Reference | None
) -> pd.DataFrame:
    """Table with a row for each sound, by the first judge.

    requested, predicted: class names, requested empty where no class was; confidence: probability of the predicted
    class; nearest: index of the nearest training clip, at `distance` in the judge's embedding.
    """
    if not len(points) or reference is None:
        return pd.DataFrame({"requested": [], "predicted": [], "confidence": [], "nearest": [], "distance": []})
    names = np.array([*CLASSES, ""])
    rows, distance = nearest(points, reference.trained_on)
    return pd.DataFrame(
        {
            "requested": names[requested],
            "predicted": names[probs.argmax(axis=1)],
            "confidence": probs.max(axis=1),
            "nearest": rows,
            "distance": distance,
        }
    )
