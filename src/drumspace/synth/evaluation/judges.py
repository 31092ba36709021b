"""Judges: their references, and how well they know the reference clips."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from drumspace.dataset.access.clips import Clips
from drumspace.errors import NotMeasured
from drumspace.io.json_files import read_json
from drumspace.metrics.classification.classification import macro_recall
from drumspace.metrics.classification.intervals import bootstrap_ci95
from drumspace.metrics.generation.contract import JudgeSummary, MissingMetric
from drumspace.synth.evaluation.reference import EmbedAndPredict, Reference
from drumspace.synth.evaluation.settings import SynthesisParams

BLOCK = 512
"""Training clips in memory at a time."""


def summarize_judge(folder: Path) -> JudgeSummary:
    """Summary of the judge trained in `folder`, without its accuracy on the reference."""
    config = read_json(folder / "config.json")
    origin = {key: config[key] for key in ("weights", "weights_reason", "trainable", "trained_on", "chosen_on")}
    return {"name": folder.name, **origin, "accuracy": None, "accuracy_ci95": None, "macro_recall": None, "n": 0}  # type: ignore[typeddict-item]


def add_accuracy(judge: JudgeSummary, reference: Reference, params: SynthesisParams) -> None:
    """Add the judge's accuracy on the reference clips, on which it was not trained, to its summary."""
    right = reference.predicted == reference.labels
    judge["accuracy"] = float(right.mean())
    judge["accuracy_ci95"] = list(bootstrap_ci95(right, params.resamples, params.seed))
    judge["macro_recall"] = macro_recall(reference.labels, reference.predicted)
    judge["n"] = len(right)


def build_references(
    judges: dict[str, EmbedAndPredict],
    clips: Clips,
    real: np.ndarray,
    labels: np.ndarray,
    trained_on: np.ndarray,
    params: SynthesisParams,
) -> dict[str, Reference]:
    """Reference of each judge: real clips float32 [n, T] of classes int [n]; `trained_on`: rows of training clips.

    Raises NotMeasured for too few real clips.
    """
    if len(real) <= params.neighbours:
        raise NotMeasured(f"{len(real)} real sounds are held out as a reference")

    def blocks() -> Iterator[np.ndarray]:
        for start in range(0, len(trained_on), BLOCK):
            yield clips.float32(trained_on[start : start + BLOCK])

    return {name: Reference.build(judge, lambda: [real], blocks, labels) for name, judge in judges.items()}


def random_weights(judges: dict[str, JudgeSummary]) -> list[MissingMetric]:
    """Entries of `not_measured` for judges that were trained from random weights."""
    return [
        {
            "what": f"metrics by judge {name} with its published weights",
            "why": f"random weights: {judge['weights_reason']}",
        }
        for name, judge in judges.items()
        if judge["weights"] == "random"
    ]
