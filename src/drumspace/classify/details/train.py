"""Train the second-level classifier of one class."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.details.calibrate import Calibration, calibrate
from drumspace.classify.details.evaluate import details_of_unseen, figures
from drumspace.classify.details.examples import Examples, examples_of
from drumspace.classify.details.settings import DetailParams
from drumspace.classify.networks import registry
from drumspace.classify.networks.network import Network
from drumspace.classify.networks.registry import FittedAtOnce
from drumspace.classify.training.embeddings import Pcm, embed
from drumspace.classify.training.fit import logits
from drumspace.errors import UserError
from drumspace.io.settings import Params
from drumspace.metrics.classification.details_contract import DetailFigures, UnmeasuredDetails


@dataclass(frozen=True)
class TrainedDetail:
    """A second-level classifier, or the reason why there is none."""

    model: Network | None
    config: dict[str, Any]
    """Content of config.json."""
    figures: DetailFigures | UnmeasuredDetails
    """Precision and coverage on unseen sources or kits; see `evaluate.figures`."""


def train_detail(
    label: str, settings: Params, audio: AudioParams, catalog: pd.DataFrame, pcm: Pcm, params: DetailParams
) -> TrainedDetail:
    """Train and calibrate the classifier of the details of class `label`, on all clips whose names give their detail.

    settings: those of the model `params.model`; pcm: row numbers of the catalogue → int16 [n, num_samples]. Too few
    clips or kits: no model, with the reason in config and figures. Raises UserError for a model that is trained by
    steps.
    """
    examples = examples_of(catalog, label, params)
    model = registry.build(params.model, settings, audio.sample_rate, audio.num_samples, len(examples.names))
    if not isinstance(model, Network) or not isinstance(model.head, FittedAtOnce):
        raise UserError(
            f"detail.model is `{params.model}`, which is trained by steps: name svm, which is fitted at once."
        )
    try:
        calibration, measured = _fit(model, model.head, examples, pcm, params)
    except ValueError as error:
        reason = f"{error}: add {label}s of more {examples.unit}s whose names give their detail"
        if examples.unit == "source":
            reason += ", or set detail.unseen to kit"
        return TrainedDetail(
            None, {"not_run": reason}, {"not_measured": [{"what": f"details of {label}s", "why": reason}]}
        )
    config = {
        "model": params.model,
        "settings": settings.model_dump(),
        "audio": audio.model_dump(),
        "classes": list(examples.names),
        "temperature": calibration.temperature,
        "thresholds": calibration.thresholds,
        "trained_on": len(examples.labels),
    }
    return TrainedDetail(model, config, measured)


def _fit(
    model: Network, head: FittedAtOnce, examples: Examples, pcm: Pcm, params: DetailParams
) -> tuple[Calibration, DetailFigures]:
    """Fit the head to all examples; return its calibration, and its figures on unseen groups."""
    if not examples.details or len(np.unique(examples.labels)) < 2:
        raise ValueError("fewer than two details have a clip")
    if (groups := len(np.unique(examples.groups))) < params.folds:
        raise ValueError(f"{params.folds} folds need as many kits, and there are {groups}")
    features = torch.from_numpy(embed(model, pcm, examples.clips.index.to_numpy()))

    def fit(positions: np.ndarray) -> None:
        if len(np.unique(examples.labels[positions])) < 2:
            raise ValueError(
                f"all clips of a detail are in a few {examples.unit}s, so that a fold has one detail alone"
            )
        head.fit(features[positions], torch.from_numpy(examples.labels[positions]))

    def fit_predict(training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
        fit(training)
        return logits(model.head, lambda rows: features[rows], held_out)

    given = details_of_unseen(examples, params, fit_predict)
    calibration, why_not = calibrate(examples, params, fit_predict)
    fit(np.arange(len(examples.labels)))
    return calibration, figures(examples, given, calibration, why_not, params)
