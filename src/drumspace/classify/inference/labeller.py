"""Labeller: predicts classes of sounds with a trained classifier or the committee."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.special import softmax
from torch import nn

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.transforms import to_wave
from drumspace.classify.evaluation import committee
from drumspace.classify.inference.details import DetailClassifier, details_of, load_details
from drumspace.classify.inference.trained_model import TrainedModel, load_trained
from drumspace.classify.training.fit import logits
from drumspace.errors import UserError
from drumspace.io.json_files import read_json

log = logging.getLogger("drumspace")
_LEAST_THRESHOLD = 1e-9
"""A calibrated threshold of 0 abstains by name; only a user who asks for 0 never wants that."""


class Prediction(NamedTuple):
    """Prediction of a sound."""

    probabilities: np.ndarray
    """float [C]."""
    detail: str | None
    """Second level of the most likely class, such as an open hat; None if it has none or is not confident."""


@dataclass(frozen=True)
class Labeller:
    """A trained model or the committee, with the threshold below which it abstains."""

    name: str
    audio: AudioParams
    members: list[tuple[nn.Module, float]]
    """Models, each with its temperature."""
    temperature: float
    """Temperature of the committee's mean; 1 for a single model."""
    abstain_below: float
    """Confidence below which no label is given; 0: it never abstains, whatever a sound's name says."""
    details: dict[str, DetailClassifier] = field(default_factory=dict)
    """Second-level classifiers by class."""

    @property
    def never_abstains(self) -> bool:
        """Whether every sound gets a label."""
        return self.abstain_below <= 0

    def probabilities(self, pcm: np.ndarray) -> np.ndarray:
        """Calibrated probabilities: int16 [n, num_samples] → [n, C]."""
        rows = np.arange(len(pcm))
        probs = [
            softmax(logits(model, lambda batch: to_wave(pcm[batch]), rows).astype(np.float64) / temperature, axis=1)
            for model, temperature in self.members
        ]
        return committee.vote(probs, self.temperature) if len(probs) > 1 else probs[0]

    def predictions(self, pcm: np.ndarray) -> list[Prediction]:
        """Probabilities and details: int16 [n, num_samples] → [n]."""
        probs = self.probabilities(pcm)
        return list(map(Prediction, probs, details_of(self.details, pcm, probs)))


def load_labeller(models: Path, name: str | None = None, abstain_below: float | None = None) -> Labeller:
    """Load the labeller that the comparison chose, or the model `name`, from the folder `models`.

    abstain_below: threshold to use in place of the one that the comparison chose; 0: never abstain. Raises UserError.
    """
    best = _read(models / "best.json", models)
    name = name or best["model"]
    if name == "committee":
        config = _read(models / "committee" / "config.json", models)
        names, temperature = config["members"], config["temperature"]
    else:
        names, temperature = [name], 1.0
    loaded = [_load(models / "classify" / member, models) for member in names]
    if abstain_below is None:
        abstain_below = _threshold(name, best)
    members = [(model.module, model.temperature) for model in loaded]
    details = load_details(models / "details", loaded[0].audio)
    return Labeller(name, loaded[0].audio, members, temperature, abstain_below, details)


def _threshold(name: str, best: dict[str, Any]) -> float:
    """Threshold of the model `name` in best.json, above 0; logs a warning if validation clips gave none."""
    threshold = best["thresholds"].get(name)
    if threshold is not None:
        return max(float(threshold), _LEAST_THRESHOLD)
    if best["n"]:
        log.warning(
            "%s reaches the target precision (compare.target_precision) at no threshold, so it labels no sound. "
            "--abstain-below 0.5 labels those of more than 50 %% confidence.", name,
        )  # fmt: skip
        return 1.01
    log.warning(
        "%s has no threshold, as there were no validation clips: it labels sounds from a confidence of 0.5 on.", name
    )
    return 0.5


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
