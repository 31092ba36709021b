"""A finished run of the pipeline, and classifiers trained on chosen rows of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.networks import registry
from drumspace.classify.training.other_sounds import NONE, OtherSounds
from drumspace.classify.training.train_classifier import CacheFolders, train_classifier
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.io.settings import Params, load, read_yaml
from drumspace.metrics.classification.classification import macro_recall
from drumspace.taxonomy import CLASSES
from drumspace.training.core.checkpoints import fingerprint


@dataclass(frozen=True)
class Run:
    """Clips, labels, parts and settings of a folder in which the pipeline has run."""

    work: Path
    data: LabelledClips
    audio: AudioParams

    @classmethod
    def open(cls, work: Path) -> "Run":
        """Read the outputs under `work`."""
        data = LabelledClips(work / "data" / "clips", work / "data" / "splits.parquet")
        return cls(work, data, load(work / "params.yaml", "audio", AudioParams))

    def settings(self, name: str, **changes: Any) -> Params:
        """The settings of a model in the run's params, with some keys replaced; `training` is merged."""
        entry = read_yaml(self.work / "params.yaml")["classify"]["models"][name]
        training = {**entry.get("training", {}), **changes.pop("training", {})}
        entry = {**entry, **changes, **({"training": training} if training else {})}
        return registry.settings_type(name).model_validate(entry)

    def key(self, name: str, *parts: Any) -> str:
        """Key of a measurement of the model `name` on this run: clips, parts, code and what else it depends on."""
        rows = [self.data.rows(repeat, "train").tolist() for repeat in range(self.data.repeats)]
        modules = ["drumspace.classify.training.train_classifier", registry.module(name)]
        return fingerprint(modules, clips=self.data.digest, rows=rows, parts=(name, *parts))

    def predictions(self, name: str) -> Path:
        """Path of the predictions of the run's own model; the file is missing if that stage was not run."""
        return self.work / "models" / "classify" / name / "predictions.parquet"

    def predicted(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Probabilities [n, C] of the run's own model for unseen `rows` of the first split."""
        table = pd.read_parquet(self.predictions(name))
        table = table[table["split"] == 0].set_index("clip_id")
        return table.loc[self.data.ids[rows], list(CLASSES)].to_numpy()

    def trained(
        self,
        name: str,
        settings: Params,
        manifest: dict[str, Any],
        train_rows: np.ndarray,
        queries: list[np.ndarray],
        validation: np.ndarray,
        seed: int,
        others: OtherSounds = NONE,
    ) -> list[np.ndarray]:
        """Outputs [n, …] for each array of rows in `queries`, by a model trained on `train_rows` and other sounds."""
        cache = self.work / ".cache"
        folders = CacheFolders(cache / "weights", cache / "embeddings", cache / "checkpoints" / "benchmarks")
        every = np.arange(len(self.data.ids))  # those that belong to none of the classes may be asked for, too
        trained = train_classifier(
            name, settings, self.audio, self.data, train_rows, validation, every, seed, manifest, folders, others=others
        )
        outputs = [trained.logits(rows) for rows in queries]
        trained.clear_checkpoints()
        return outputs


def scores(logits_: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Accuracy, macro recall and n."""
    predicted = logits_.argmax(axis=1)
    return {
        "accuracy": float(np.mean(predicted == truth)),
        "macro_recall": macro_recall(truth, predicted),
        "n": len(truth),
    }


def spread(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation of the accuracy over splits, and the splits themselves."""
    accuracies = [row["accuracy"] for row in rows]
    return {
        "accuracy_mean": float(np.mean(accuracies)),
        "accuracy_sd": float(np.std(accuracies, ddof=1)) if len(rows) > 1 else None,
        "splits": rows,
    }
