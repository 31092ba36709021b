"""Temperature and thresholds of a second-level classifier, by cross-validation over kits, and their figures."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import softmax

from drumspace.classify.details.examples import NEITHER, Examples
from drumspace.classify.details.settings import DetailParams
from drumspace.classify.evaluation.label_issues import FitPredict, cross_val_logits
from drumspace.metrics.classification.abstention_threshold import threshold_for


@dataclass(frozen=True)
class Calibration:
    """Temperature, and the least confidence with which each detail is given."""

    temperature: float
    thresholds: dict[str, float | None]
    """By detail; None: it is never given."""

    def details(self, logits: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
        """Positions in `names` of the details that logits [n, C] give, -1 where none is confident enough: int [n]."""
        probs = softmax(logits / self.temperature, axis=1)
        least = np.array([np.inf if (value := self.thresholds.get(name)) is None else value for name in names])
        best = probs.argmax(axis=1)
        return np.where(probs.max(axis=1) >= least[best], best, -1)


def calibrate(examples: Examples, params: DetailParams, fit_predict: FitPredict) -> Calibration:
    """Calibrate a classifier so that each detail that it gives on unseen kits has the target precision.

    fit_predict gets positions in `examples`. Raises ValueError if there are fewer kits than folds.
    """
    labels = examples.labels
    logits, temperature = cross_val_logits(labels, examples.groups, params.folds, params.seed, fit_predict)
    probs = softmax(logits / temperature, axis=1)
    best, confidence = probs.argmax(axis=1), probs.max(axis=1)
    thresholds: dict[str, float | None] = {}
    for detail in examples.details:
        given = best == detail
        enough = np.sum(labels == detail) >= params.min_clips
        thresholds[examples.names[detail]] = (
            threshold_for(params.target_precision, confidence[given], labels[given] == detail) if enough else None
        )
    return Calibration(temperature, thresholds)


def details_of_unseen_kits(examples: Examples, params: DetailParams, fit_predict: FitPredict) -> np.ndarray:
    """Details that classifiers give to kits which neither their training nor their thresholds have seen.

    Result: positions in the names, or -1 for none, int [n]. Nested cross-validation: each classifier is calibrated
    within its own training kits. Raises ValueError if there are too few kits.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    labels, groups = examples.labels, examples.groups
    given = np.full(len(labels), -1)
    splitter = StratifiedGroupKFold(params.folds, shuffle=True, random_state=params.seed)
    for training, held_out in splitter.split(np.zeros(len(labels)), labels, groups):

        def inner(part: np.ndarray, rest: np.ndarray, training: np.ndarray = training) -> np.ndarray:
            return fit_predict(training[part], training[rest])

        kits = Examples(examples.names, examples.rows[training], labels[training], groups[training])
        calibration = calibrate(kits, params, inner)
        given[held_out] = calibration.details(fit_predict(training, held_out), examples.names)
    return given


def figures(examples: Examples, given: np.ndarray, min_precision: float) -> dict[str, Any]:
    """Precision and coverage of each detail, and of all that are precise enough to be given.

    given: positions in the names, or -1 for none, [n]. precision: share of the given details that are right, null if
    none is given; coverage: share of the clips with a detail that get one, for a single detail those that get it; `n`:
    clips with a detail; kits: their number; neither: clips of a partial class without a detail.
    """
    labels, is_detail = examples.labels, np.isin(examples.labels, examples.details)

    def row(chosen: np.ndarray, has: np.ndarray) -> dict[str, Any]:
        return {
            "precision": float((given == labels)[chosen].mean()) if chosen.any() else None,
            "coverage": float(chosen[has].mean()) if has.any() else None,
            "n": int(has.sum()),
            "kits": len(np.unique(examples.groups[has])),
        }

    details = {each: row(given == each, labels == each) for each in examples.details}
    kept = [each for each, figures in details.items() if (figures["precision"] or 0) >= min_precision]
    return {
        **row(np.isin(given, kept), is_detail),
        "neither": int((~is_detail).sum()) if examples.names[-1] == NEITHER else None,
        "details": {examples.names[each]: {**row, "given": each in kept} for each, row in details.items()},
    }
