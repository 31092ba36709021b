"""Train one classifier on every split and predict the clips of each split that it was not trained on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.training.settings import ModelSettings
from drumspace.classify.training.train_classifier import (
    CacheFolders,
    TrainedClassifier,
    model_config,
    train_classifier,
)  # fmt: skip
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.metrics.classification.classification import fit_temperature
from drumspace.taxonomy import CLASSES

PREDICTED_PARTS = ("validation", "test", "test_rest")
"""Parts of a split that each trained model predicts."""


@dataclass(frozen=True)
class SplitResults:
    """Trainings of one classifier on several splits."""

    trainings: list[TrainedClassifier]
    """The first split's is the model to keep."""
    config: dict[str, Any]
    """config.json of the first split's model."""
    predictions: pd.DataFrame
    """clip_id, split, part, kit, label and a calibrated probability a class."""
    times: dict[str, float]
    """training_seconds in all, clips_per_second of the last split's predictions."""


def train_splits(
    name: str,
    settings: ModelSettings,
    audio: AudioParams,
    data: LabelledClips,
    seed: int,
    manifest: dict[str, Any],
    caches: CacheFolders,
    report: Callable[[int, int, dict[str, float]], None],
) -> SplitResults:
    """Train the model `name` on `settings.splits` splits, or on as many as there are; the seed rises by 1 a split.

    report: called with split, step and logged values.
    """
    trainings, tables, config, times = [], [], {}, {"training_seconds": 0.0}
    for split in range(min(settings.splits, data.repeats)):
        rows = {part: data.rows(split, part) for part in ("train", *PREDICTED_PARTS)}
        trained = train_classifier(
            name, settings, audio, data, rows["train"], rows["validation"], data.all_rows, seed + split, manifest,
            caches, lambda step, values, split=split: report(split, step, values),  # type: ignore[misc]
            f"{name} split {split}",
        )  # fmt: skip
        start = time.perf_counter()
        scores = {part: trained.logits(rows[part]) for part in PREDICTED_PARTS}
        predicted = sum(len(rows[part]) for part in PREDICTED_PARTS)
        times["clips_per_second"] = predicted / (time.perf_counter() - start)
        times["training_seconds"] += trained.seconds
        temperature = calibrate(scores["validation"], data, rows["validation"], rows["train"])
        tables += [predictions_table(scores[part] / temperature, data, rows[part], split, part) for part in scores]
        trainings.append(trained)
        if split == 0:
            config = model_config(
                name, settings, audio, seed, manifest, temperature, trained.step, len(rows["train"])
            )  # fmt: skip
            config |= {"parameters": num_parameters(trained), "note": training_note(settings)}
    return SplitResults(trainings, config, pd.concat(tables, ignore_index=True), times)


def calibrate(scores: np.ndarray, data: LabelledClips, rows: np.ndarray, training_rows: np.ndarray) -> float:
    """Temperature that calibrates logits `scores` [len(rows), C] of validation clips.

    Clips of classes without a training clip are left out: the model can't predict these, whatever the temperature.
    """
    labels = data.labels[rows]
    seen = np.isin(labels, data.labels[training_rows])
    return fit_temperature(labels[seen], scores[seen])


def predictions_table(scores: np.ndarray, data: LabelledClips, rows: np.ndarray, split: int, part: str) -> pd.DataFrame:
    """Table of clip_id, split, part, kit, label and a probability a class, from logits [len(rows), C]."""
    table = pd.DataFrame(softmax(scores, axis=1), columns=list(CLASSES))
    table.insert(0, "clip_id", data.ids[rows])
    table.insert(1, "split", split)
    table.insert(2, "part", part)
    table.insert(3, "kit", data.catalog["kit"].to_numpy()[rows])
    table.insert(4, "label", data.catalog["label"].to_numpy()[rows])
    return table


def num_parameters(trained: TrainedClassifier) -> int:
    """Number of parameters of a model; of its tensors if it has no parameters, as an SVM."""
    tensors = dict(trained.model.named_parameters()) or trained.model.state_dict()
    return sum(tensor.numel() for tensor in tensors.values())


def training_note(settings: ModelSettings) -> str:
    """Length of a network's training and size of its picture, for its row in the comparison."""
    training = getattr(settings, "training", None)
    if training is None:
        return ""
    picture = getattr(settings, "picture", None)
    size = f", picture {picture.bands}×{picture.frames}" if picture else ""
    return f"{training.steps:,} steps of {training.batch_size}{size}"
