"""Train the second-level classifier of one class."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.details.calibrate import Calibration, calibrate, details_of_unseen_kits, figures
from drumspace.classify.details.examples import Examples, examples_of
from drumspace.classify.details.settings import DetailParams
from drumspace.classify.networks import registry
from drumspace.classify.networks.network import Network
from drumspace.classify.networks.registry import FittedAtOnce
from drumspace.classify.training.embeddings import Pcm, embed
from drumspace.classify.training.fit import logits
from drumspace.errors import UserError
from drumspace.io.settings import Params


@dataclass(frozen=True)
class TrainedDetail:
    """A second-level classifier, or the reason why there is none."""

    model: Network | None
    config: dict[str, Any]
    """Content of config.json."""
    figures: dict[str, Any]
    """Precision and coverage on unseen kits; see `calibrate.figures`."""


def train_detail(
    label: str, settings: Params, audio: AudioParams, catalog: pd.DataFrame, pcm: Pcm, params: DetailParams
) -> TrainedDetail:
    """Train and calibrate the classifier of the details of class `label`, on all clips whose names give their detail.

    settings: those of the model `params.model`; pcm: row numbers of the catalogue → int16 [n, num_samples]. Too few
    clips or kits: no model, with the reason in config and figures. A detail whose precision there is too low
    or unknown has no threshold. Raises UserError for a model that is trained by steps.
    """
    examples = examples_of(catalog, label)
    model = registry.build(params.model, settings, audio.sample_rate, audio.num_samples, len(examples.names))
    if not isinstance(model, Network) or not isinstance(model.head, FittedAtOnce):
        raise UserError(
            f"detail.model is `{params.model}`, which is trained by steps: name svm, which is fitted at once."
        )
    try:
        calibration, given = _fit(model, model.head, examples, pcm, params)
    except ValueError as error:
        reason = f"{error}: add {label}s of more kits whose names give their detail"
        return TrainedDetail(None, {"not_run": reason}, {"not_measured": [{"what": "details", "why": reason}]})
    measured = figures(examples, given, params.min_precision)
    thresholds = {
        name: least if measured["details"][name]["given"] else None for name, least in calibration.thresholds.items()
    }
    config = {
        "model": params.model,
        "settings": settings.model_dump(),
        "audio": audio.model_dump(),
        "classes": list(examples.names),
        "temperature": calibration.temperature,
        "thresholds": thresholds,
        "trained_on": len(examples.rows),
    }
    return TrainedDetail(model, config, measured | {"thresholds": thresholds})


def _fit(
    model: Network, head: FittedAtOnce, examples: Examples, pcm: Pcm, params: DetailParams
) -> tuple[Calibration, np.ndarray]:
    """Fit the head to all examples; return its calibration, and the details of unseen kits."""
    if not examples.details or len(np.unique(examples.labels)) < 2:
        raise ValueError("fewer than two details have a clip")
    if (kits := len(np.unique(examples.groups))) < params.folds:
        raise ValueError(f"{params.folds} folds need as many kits, and there are {kits}")
    features = torch.from_numpy(embed(model, pcm, examples.rows))

    def fit(positions: np.ndarray) -> None:
        if len(np.unique(examples.labels[positions])) < 2:
            raise ValueError("all clips of a detail are in a few kits, so that a fold has one detail alone")
        head.fit(features[positions], torch.from_numpy(examples.labels[positions]))

    def fit_predict(training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
        fit(training)
        return logits(model.head, lambda rows: features[rows], held_out)

    given = details_of_unseen_kits(examples, params, fit_predict)
    calibration = calibrate(examples, params, fit_predict)
    fit(np.arange(len(examples.rows)))
    return calibration, given
