"""Second level of a label: whether a hat is open, closed or a pedal's, whether a kick is an 808's or acoustic."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.transforms import to_wave
from drumspace.classify.details.calibrate import Calibration
from drumspace.classify.inference.trained_model import load_trained
from drumspace.classify.training.fit import logits
from drumspace.errors import UserError
from drumspace.io.json_files import read_json
from drumspace.taxonomy import CLASSES, DETAILS


@dataclass(frozen=True)
class DetailClassifier:
    """A second-level classifier of one class, with the confidence below which it gives no detail."""

    model: nn.Module
    names: tuple[str, ...]
    calibration: Calibration

    def details(self, pcm: np.ndarray) -> list[str | None]:
        """Detail of each clip, None where it is not confident: int16 [n, num_samples] → [n]."""
        scores = logits(self.model, lambda rows: to_wave(pcm[rows]), np.arange(len(pcm)))
        return [self.names[each] if each >= 0 else None for each in self.calibration.details(scores, self.names)]


def load_details(folder: Path, audio: AudioParams) -> dict[str, DetailClassifier]:
    """Load the second-level classifiers in `folder`, by class; classes without one are left out.

    Raises UserError if one was trained on clips of another format than `audio`.
    """
    classifiers = {}
    for label in DETAILS:
        path = folder / label / "config.json"
        config: dict[str, Any] = read_json(path) if path.is_file() else {"not_run": "missing"}
        if "not_run" in config or not any(least is not None for least in config["thresholds"].values()):
            continue
        trained = load_trained(folder / label, tuple(config["classes"]))
        if trained.audio != audio:
            raise UserError(f"{folder / label} was trained on clips of another format: run `make repro`.")
        calibration = Calibration(trained.calibration.temperature, config["thresholds"])
        classifiers[label] = DetailClassifier(trained.module, tuple(config["classes"]), calibration)
    return classifiers


def details_of(classifiers: dict[str, DetailClassifier], pcm: np.ndarray, probs: np.ndarray) -> list[str | None]:
    """Detail of each clip for its most likely class, None for none.

    pcm: int16 [n, num_samples]; probs: of the eight classes, [n, C].
    """
    details: list[str | None] = [None] * len(pcm)
    for label, classifier in classifiers.items():
        rows = np.flatnonzero(probs.argmax(axis=1) == CLASSES.index(label))
        for row, detail in zip(rows, classifier.details(pcm[rows]) if len(rows) else (), strict=True):
            details[row] = detail
    return details
