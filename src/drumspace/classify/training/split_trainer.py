"""Train one classifier on one split, with predictions of clips of its training and validation kits that it held out."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.training.calibration import Calibration
from drumspace.classify.training.fit_calibration import calibrate
from drumspace.classify.training.kit_folds import kit_folds
from drumspace.classify.training.other_sounds import NONE, OtherSounds, other_sounds
from drumspace.classify.training.settings import ModelSettings, RejectionParams
from drumspace.classify.training.train_classifier import CacheFolders, TrainedClassifier, train_classifier
from drumspace.dataset.access.groups import connected_groups
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.taxonomy import CLASSES

log = logging.getLogger("drumspace")
NO_ROWS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class SplitResult:
    """A trained model, and outputs for clips that its training, or that of a fold, held out."""

    trained: TrainedClassifier
    num_clips: int
    """Number of labelled clips that the model was trained on."""
    trainings: list[TrainedClassifier]
    """All trainings, the folds' included."""
    calibration: Calibration
    parts: list[str]
    """validation and validation_other; with folds also cross_validated and cross_validated_other, of training kits."""
    rows: list[np.ndarray]
    """Row numbers of the clips of each part."""
    outputs: list[np.ndarray]
    """Outputs of the classifier for the clips of each part."""


@dataclass(frozen=True)
class SplitTrainer:
    """Trains a classifier on a split; see `train_splits` for the fields."""

    name: str
    settings: ModelSettings
    audio: AudioParams
    data: LabelledClips
    seed: int
    manifest: dict[str, Any]
    caches: CacheFolders
    report: Callable[[int, dict[str, float]], None]
    rejection: RejectionParams
    split: int

    def train(self) -> SplitResult:
        """Train on the part train, or with folds on train and validation; see `ModelSettings.folds`."""
        others = other_sounds(self.data.other_rows(self.split, "train"), self.rejection, self.audio)
        train, validation = (self.data.rows(self.split, part) for part in ("train", "validation"))
        kits = len(np.unique(self._groups(np.concatenate([train, validation]))))
        if self.settings.folds and kits >= self.settings.folds:
            return self._train_folds(others)
        if self.settings.folds:
            log.warning("%s is not cross-validated: %d folds need as many kits, and there are %d.", self.name,
                        self.settings.folds, kits)  # fmt: skip
        rows = [validation, self.data.other_rows(self.split, "validation")]
        trained = self._fit(train, validation, others, "")
        outputs = [trained.logits(part) for part in rows]
        calibration = self._calibrate(np.concatenate(rows), np.concatenate(outputs), train)
        parts = ["validation", "validation_other"]
        return SplitResult(trained, len(train), [trained], calibration, parts, rows, outputs)

    def _train_folds(self, others: OtherSounds) -> SplitResult:
        data, split = self.data, self.split
        parts = ["cross_validated", "validation", "cross_validated_other", "validation_other"]
        by_part = [
            data.rows(split, "train"), data.rows(split, "validation"),
            data.other_rows(split, "train"), data.other_rows(split, "validation"),
        ]  # fmt: skip
        rows = np.concatenate(by_part)
        labels = data.labels[rows]
        outputs = np.zeros((len(rows), len(CLASSES) + (len(others) > 0)), dtype=np.float32)
        trainings = []
        for number, (training, held_out) in enumerate(
            kit_folds(labels, self._groups(rows), self.settings.folds, self.seed)
        ):
            chosen, is_other = rows[training], labels[training] < 0
            fold_others = OtherSounds(chosen[is_other], others.synthesised) if len(others) else NONE
            trainings.append(self._fit(chosen[~is_other], NO_ROWS, fold_others, f" fold {number}"))
            outputs[held_out] = trainings[-1].logits(rows[held_out])
        in_class = np.concatenate(by_part[:2])
        calibration = self._calibrate(rows, outputs, in_class)
        every_other = OtherSounds(np.concatenate(by_part[2:]), others.synthesised) if len(others) else NONE
        trained = self._fit(in_class, NO_ROWS, every_other, "")
        borders = np.cumsum([len(part) for part in by_part])[:-1]
        return SplitResult(
            trained, len(in_class), [*trainings, trained], calibration, parts, by_part, np.split(outputs, borders)
        )

    def _groups(self, rows: np.ndarray) -> np.ndarray:
        """Groups that a fold holds out as a whole: kits that share no near-duplicates, int [len(rows)]."""
        catalog = self.data.catalog.iloc[rows]
        return connected_groups(catalog["kit"].to_numpy(), catalog["duplicate_group"].to_numpy())

    def _fit(self, rows: np.ndarray, validation: np.ndarray, others: OtherSounds, title: str) -> TrainedClassifier:
        every = np.concatenate([self.data.all_rows, np.flatnonzero(self.data.other)])
        return train_classifier(
            self.name, self.settings, self.audio, self.data, rows, validation, every, self.seed, self.manifest,
            self.caches, self.report, f"{self.name} split {self.split}{title}", others,
        )  # fmt: skip

    def _calibrate(self, rows: np.ndarray, outputs: np.ndarray, training_rows: np.ndarray) -> Calibration:
        return calibrate(outputs, self.data.labels[rows], self.data.labels[training_rows], len(CLASSES))
