"""Labeller: predicts classes of sounds with a trained classifier or the committee."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from torch import nn

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.transforms import to_wave
from drumspace.classify.evaluation import committee
from drumspace.classify.inference.details import DetailClassifier, details_of, load_details
from drumspace.classify.inference.trained_model import TrainedModel, load_trained
from drumspace.classify.training.calibration import Calibration
from drumspace.classify.training.fit import logits
from drumspace.errors import UserError
from drumspace.io.json_files import read_json
from drumspace.taxonomy import CLASSES

log = logging.getLogger("drumspace")
NEVER = 1.01
"""A threshold above every confidence: no sound is labelled."""


class Prediction(NamedTuple):
    """Prediction of a sound."""

    probabilities: np.ndarray
    """float [C]: of each class; their sum and `other` are 1."""
    other: float
    """Probability that the sound is none of the classes; 0 for a model that does not reject."""
    detail: str | None
    """Second level of the most likely class, such as an open hat; None if it has none or is not confident."""

    @property
    def best_guess(self) -> int:
        """Index of the most likely class."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """Probability of the most likely class."""
        return float(self.probabilities.max())


@dataclass(frozen=True)
class Labeller:
    """A trained model or the committee, with the thresholds below which it abstains."""

    name: str
    audio: AudioParams
    members: list[tuple[nn.Module, Calibration]]
    """Models, each with its calibration."""
    temperature: float
    """Temperature of the committee's mean; 1 for a single model."""
    thresholds: np.ndarray
    """Confidence of each class below which no label is given: [C]."""
    never_abstains: bool = False
    """Whether every sound gets a label, whatever its name says."""
    details: dict[str, DetailClassifier] = field(default_factory=dict)
    """Second-level classifiers by class."""

    @property
    def labels_none(self) -> bool:
        """Whether it abstains on every sound, as no threshold keeps the target precision."""
        return bool((self.thresholds > 1).all())

    def probabilities(self, pcm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Calibrated probabilities, of the classes and of none of them: int16 [n, num_samples] → [n, C], [n].

        All probabilities of a sound sum to 1.
        """
        rows = np.arange(len(pcm))
        by_member = [
            calibration.probabilities(logits(model, lambda batch: to_wave(pcm[batch]), rows), len(CLASSES))
            for model, calibration in self.members
        ]
        classes = by_member[0].classes
        if len(by_member) > 1:
            classes = committee.vote([probs.classes for probs in by_member], self.temperature)
        other = np.mean([probs.other for probs in by_member], axis=0)
        return classes * (1 - other[:, None]), other

    def predictions(self, pcm: np.ndarray) -> list[Prediction]:
        """Probabilities and details: int16 [n, num_samples] → [n]."""
        probs, other = self.probabilities(pcm)
        return list(map(Prediction, probs, map(float, other), details_of(self.details, pcm, probs)))

    def is_sure(self, prediction: Prediction) -> bool:
        """Whether the confidence reaches the threshold of its class."""
        return prediction.confidence >= self.thresholds[prediction.best_guess]


def load_labeller(models: Path, name: str | None = None, abstain_below: float | None = None) -> Labeller:
    """Load the labeller that the comparison chose, or the model `name`, from the folder `models`.

    abstain_below: threshold for all classes in place of those of the comparison; 0: never abstain. Raises UserError.
    """
    best = _read(models / "best.json", models)
    name = name or best["model"]
    if name == "committee":
        config = _read(models / "committee" / "config.json", models)
        names, temperature = config["members"], config["temperature"]
    else:
        names, temperature = [name], 1.0
    loaded = [_load(models / "classify" / member, models) for member in names]
    thresholds = _thresholds(name, best) if abstain_below is None else np.full(len(CLASSES), abstain_below)
    members = [(model.module, model.calibration) for model in loaded]
    details = load_details(models / "details", loaded[0].audio)
    return Labeller(name, loaded[0].audio, members, temperature, thresholds, abstain_below == 0, details)


def _thresholds(name: str, best: dict[str, Any]) -> np.ndarray:
    """Thresholds [C] of the model `name` in best.json; logs a warning if held-out clips gave none."""
    thresholds = best["thresholds"].get(name)
    if thresholds is not None:
        return np.array([thresholds[label] for label in CLASSES])
    if best["n"]:
        log.warning(
            "%s can't keep the target precision of %g (compare.target_precision) on other kits at any threshold, so it "
            "labels no sound; the column best_guess has its guesses. --abstain-below 0.5 labels those of more than "
            "50 %% confidence.", name, best["target_precision"],
        )  # fmt: skip
        return np.full(len(CLASSES), NEVER)
    log.warning(
        "%s has no threshold, as there were no validation clips: it labels sounds from a confidence of 0.5 on.", name
    )
    return np.full(len(CLASSES), 0.5)


def _read(path: Path, models: Path) -> Any:
    if not path.is_file():
        raise UserError(
            f"{models} holds no trained classifier ({path.name} is missing): run `make repro`, or name "
            "the folder of trained models with --models."
        )
    return read_json(path)


def _load(folder: Path, models: Path) -> TrainedModel:
    if not (folder / "config.json").is_file():
        names = sorted(path.parent.name for path in (models / "classify").glob("*/model.safetensors"))
        raise UserError(f"there is no trained model `{folder.name}`; {models} holds {', '.join(names) or 'none'}.")
    return load_trained(folder)
