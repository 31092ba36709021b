"""Figures of a second-level classifier on groups of sounds that nothing about it has seen."""

import numpy as np

from drumspace.classify.details.calibrate import Calibration, calibrate, splits
from drumspace.classify.details.examples import NEITHER, Examples
from drumspace.classify.details.settings import DetailParams
from drumspace.classify.evaluation.label_issues import FitPredict
from drumspace.metrics.classification.details_contract import DetailFigures, DetailScores
from drumspace.metrics.classification.intervals import share_ci95


def details_of_unseen(examples: Examples, params: DetailParams, fit_predict: FitPredict) -> np.ndarray:
    """Details that classifiers give to groups which neither their training nor their calibration has seen.

    Result: positions in the names, or -1 for none, int [n]. Nested cross-validation: each classifier has thresholds,
    and details that it never gives, from its own training groups. Raises ValueError if there are too few groups.
    """
    given = np.full(len(examples.labels), -1)
    for training, held_out in splits(examples, params):

        def inner(part: np.ndarray, rest: np.ndarray, training: np.ndarray = training) -> np.ndarray:
            return fit_predict(training[part], training[rest])

        calibration, _ = calibrate(examples.part(training), params, inner)
        given[held_out] = calibration.details(fit_predict(training, held_out), examples.names)
    return given


def figures(
    examples: Examples, given: np.ndarray, calibration: Calibration, why_not: dict[str, str], params: DetailParams
) -> DetailFigures:
    """Precision and coverage of each detail and of all, on unseen groups; intervals resample groups.

    given: details of `details_of_unseen`, [n]; calibration, why_not: of the final classifier.
    """
    labels, is_detail = examples.labels, np.isin(examples.labels, examples.details)

    def row(chosen: np.ndarray, has: np.ndarray) -> DetailScores:
        right = chosen & (given == labels)
        return {
            "precision": float(right.sum() / chosen.sum()) if chosen.any() else None,
            "precision_ci95": share_ci95(right, chosen, examples.groups, params.resamples, params.seed),
            "predicted": int(chosen.sum()),
            "coverage": float(chosen[has].mean()) if has.any() else None,
            "n": int(has.sum()),
            "kits": int(examples.clips["kit"][has].nunique()),
            "sources": int(examples.clips["source"][has].nunique()),
        }

    rows = {examples.names[each]: row(given == each, labels == each) for each in examples.details}
    return {
        "unseen": examples.unit,
        "groups": len(np.unique(examples.groups)),
        **row(given >= 0, is_detail),
        "neither": int((~is_detail).sum()) if examples.names[-1] == NEITHER else None,
        "target_precision": params.target_precision,
        "details": {
            name: {**row, "given": name not in why_not, "why_not": why_not.get(name)} for name, row in rows.items()
        },
        "thresholds": calibration.thresholds,
    }
