"""Train one classifier on one set of clips: shared by classifiers, judges and the search for label issues."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.networks import registry
from drumspace.classify.training.build_model import build_model
from drumspace.classify.training.calibration import Calibration
from drumspace.classify.training.fit import LabelledRows, fit, logits
from drumspace.classify.training.other_sounds import NONE, OtherSounds
from drumspace.classify.training.training_examples import TrainingExamples, prepare_examples
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.io.settings import Params
from drumspace.taxonomy import CLASSES
from drumspace.training.core.checkpoints import Checkpoints, fingerprint
from drumspace.training.core.precision import accelerator, mixed_precision


@dataclass(frozen=True)
class CacheFolders:
    """Folders that a training reads from and keeps intermediate results in."""

    weights: Path
    """Published weights, filled by the weights stage."""
    embeddings: Path
    """Embeddings of frozen trunks."""
    checkpoints: Path | None
    """Checkpoints of interrupted trainings; None: keep none."""


@dataclass(frozen=True)
class TrainedClassifier:
    """A model after training, with its inputs and checkpoints."""

    model: nn.Module
    examples: TrainingExamples
    step: int
    """Step that was kept; 0 for a model that is fitted at once."""
    seconds: float
    checkpoints: Checkpoints | None

    def logits(self, rows: np.ndarray) -> np.ndarray:
        """Logits of clips by row number, float32 [len(rows), n_outputs]."""
        return logits(self.examples.module, self.examples.inputs, rows)

    def clear_checkpoints(self) -> None:
        """Remove the checkpoints, once the result is written."""
        if self.checkpoints:
            self.checkpoints.clear()


def train_classifier(
    name: str,
    settings: Params,
    audio: AudioParams,
    data: LabelledClips,
    training_rows: np.ndarray,
    validation_rows: np.ndarray,
    all_rows: np.ndarray,
    seed: int,
    manifest: dict[str, Any],
    caches: CacheFolders,
    report: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    title: str = "",
    others: OtherSounds = NONE,
) -> TrainedClassifier:
    """Build the model `name` and train it on `training_rows`; `validation_rows` choose the step that is kept.

    all_rows: every row that the model will be trained on or predict; manifest: content of models/weights/<name>.json;
    report: called with step and logged values; title: name of the training in the progress bar and in errors; others:
    sounds to learn rejection from, which adds an output.
    """
    model = build_model(name, settings, audio, seed, manifest, caches.weights, rejects=len(others) > 0)
    checkpoints = None
    if caches.checkpoints:
        key = checkpoint_key(name, settings, data, training_rows, validation_rows, seed, manifest, others)
        checkpoints = Checkpoints(caches.checkpoints, key)
    num_clips = len(data.ids)
    other_rows = others.training_rows(num_clips)
    examples = prepare_examples(
        model, settings, others.extend(data.clips.__getitem__, num_clips), np.union1d(all_rows, other_rows),
        audio.sample_rate, caches.embeddings, f"{data.digest} {others.digest}",
    )  # fmt: skip
    labels = np.concatenate([data.labels[training_rows], np.full(len(other_rows), -1)])
    result = fit(
        examples,
        LabelledRows(np.concatenate([training_rows, other_rows]), labels),
        LabelledRows(validation_rows, data.labels[validation_rows]),
        getattr(settings, "training", None),
        seed,
        checkpoints,
        report,
        lambda batch: [
            str(data.catalog["path"].iat[row]) if row < num_clips else "a synthesised sound" for row in batch
        ],
        title or name,
    )
    return TrainedClassifier(model, examples, result.step, result.seconds, checkpoints)


def checkpoint_key(
    name: str, settings: Params, data: LabelledClips, training_rows: np.ndarray, validation_rows: np.ndarray, seed: int,
    manifest: dict[str, Any], others: OtherSounds,
) -> str:  # fmt: skip
    """Fingerprint of what a training depends on: code, settings, clips, labels, published weights, precision."""
    parts = [training_rows, validation_rows]
    return fingerprint(
        [__name__, registry.module(name)],
        model=name,
        settings=settings.model_dump(),
        seed=seed,
        weights=manifest,
        precision=mixed_precision(),
        processes=accelerator().num_processes,
        clips=[data.ids[rows].tolist() for rows in parts],
        labels=[data.labels[rows].tolist() for rows in parts],
        others=[data.ids[others.rows].tolist(), others.digest],
    )


def model_config(
    name: str, settings: Params, audio: AudioParams, seed: int, manifest: dict[str, Any], calibration: Calibration,
    step: int, num_clips: int,
) -> dict[str, Any]:  # fmt: skip
    """Content of a trained model's config.json: all that rebuilds the model and calibrates its probabilities."""
    return {
        "model": name,
        "settings": settings.model_dump(),
        "audio": audio.model_dump(),
        "seed": seed,
        "classes": list(CLASSES),
        "temperature": calibration.temperature,
        "rejection": calibration.rejection and calibration.rejection._asdict(),
        "step": step,
        "trained_on": num_clips,
        "weights": manifest["weights"],
        "weights_sha256": manifest.get("sha256"),
        "weights_reason": manifest.get("reason"),
        "trainable": getattr(settings, "trainable", "all"),
    }
