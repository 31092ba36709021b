"""Train one classifier on every split and predict the clips of each split that it was not trained on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.training.calibration import Probabilities
from drumspace.classify.training.settings import ModelSettings, RejectionParams
from drumspace.classify.training.split_trainer import SplitResult, SplitTrainer
from drumspace.classify.training.train_classifier import (
    CacheFolders,
    TrainedClassifier,
    model_config,
)  # fmt: skip
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.taxonomy import CLASSES

TEST_PARTS = ("test", "test_rest")
"""Parts of a split that nothing is chosen on. The other drums of their kits are the part test_other of the table."""


@dataclass(frozen=True)
class SplitResults:
    """Trainings of one classifier on several splits."""

    model: nn.Module
    """The model of the first split."""
    trainings: list[TrainedClassifier]
    """All trainings, whose checkpoints are to be cleared once the results are written."""
    config: dict[str, Any]
    """config.json of the first split's model."""
    predictions: pd.DataFrame
    """Rows of `predictions_table`."""
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
    rejection: RejectionParams,
) -> SplitResults:
    """Train the model `name` on `settings.splits` splits, or on as many as there are; the seed rises by 1 a split.

    report: called with split, step and logged values.
    """
    tables, times = [], {"training_seconds": 0.0}
    results: list[SplitResult] = []
    for split in range(min(settings.splits, data.repeats)):
        trainer = SplitTrainer(
            name, settings, audio, data, seed + split, manifest, caches, partial(report, split), rejection, split
        )  # fmt: skip
        result = trainer.train()
        start = time.perf_counter()
        test = [*(data.rows(split, part) for part in TEST_PARTS), data.other_rows(split, "test")]
        outputs = [result.trained.logits(rows) for rows in test]
        times["clips_per_second"] = sum(map(len, test)) / (time.perf_counter() - start)
        times["training_seconds"] += sum(trained.seconds for trained in result.trainings)
        for part, rows, values in zip(
            [*result.parts, *TEST_PARTS, "test_other"], [*result.rows, *test], [*result.outputs, *outputs], strict=True
        ):
            probs = result.calibration.probabilities(values, len(CLASSES))
            tables.append(predictions_table(probs, data, rows, split, part))
        results.append(result)
    first, trained = results[0], results[0].trained
    config = model_config(
        name, settings, audio, seed, manifest, first.calibration, trained.step, first.num_clips
    )  # fmt: skip
    config |= {"parameters": num_parameters(trained.model), "note": training_note(settings)}
    trainings = [trained for result in results for trained in result.trainings]
    return SplitResults(trained.model, trainings, config, pd.concat(tables, ignore_index=True), times)


def predictions_table(
    probs: Probabilities, data: LabelledClips, rows: np.ndarray, split: int, part: str
) -> pd.DataFrame:
    """Table of clip_id, split, part, kit, label (None for other drums), a probability a class and that of none."""
    table = pd.DataFrame(probs.classes, columns=list(CLASSES))
    table.insert(0, "clip_id", data.ids[rows])
    table.insert(1, "split", split)
    table.insert(2, "part", part)
    table.insert(3, "kit", data.catalog["kit"].to_numpy()[rows])
    table.insert(4, "label", data.catalog["label"].to_numpy()[rows])
    return table.assign(other=probs.other)


def num_parameters(model: nn.Module) -> int:
    """Number of parameters of a model; of its tensors if it has no parameters, as an SVM."""
    tensors = dict(model.named_parameters()) or model.state_dict()
    return sum(tensor.numel() for tensor in tensors.values())


def training_note(settings: ModelSettings) -> str:
    """Length of a network's training and size of its picture, for its row in the comparison."""
    training = getattr(settings, "training", None)
    if training is None:
        return ""
    picture = getattr(settings, "picture", None)
    size = f", picture {picture.bands}×{picture.frames}" if picture else ""
    return f"{training.steps:,} steps of {training.batch_size}{size}"
