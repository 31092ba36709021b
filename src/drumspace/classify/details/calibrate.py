"""Temperature and thresholds of a second-level classifier, by cross-validation, and the details that it never gives."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from drumspace.classify.details.examples import Examples
from drumspace.classify.details.settings import DetailParams
from drumspace.classify.evaluation.label_issues import FitPredict, cross_val_logits
from drumspace.metrics.classification.abstention_threshold import threshold_for

Thresholds = dict[str, float | None]
"""Least confidence with which each detail is given; None: never."""


@dataclass(frozen=True)
class Calibration:
    """Temperature and thresholds of a classifier."""

    temperature: float
    thresholds: Thresholds

    def details(self, logits: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
        """Positions in `names` of the details that logits [n, C] give, -1 where none is confident enough: int [n]."""
        probs = softmax(logits / self.temperature, axis=1)
        least = np.array([np.inf if (value := self.thresholds.get(name)) is None else value for name in names])
        best = probs.argmax(axis=1)
        return np.where(probs.max(axis=1) >= least[best], best, -1)


def calibrate(examples: Examples, params: DetailParams, fit_predict: FitPredict) -> tuple[Calibration, dict[str, str]]:
    """Calibrate a classifier so that each detail that it gives on unseen groups has the target precision.

    fit_predict gets positions in `examples`. Result: also the reason for each detail that is never given. A threshold
    that is chosen on the clips it is measured on looks better than it is, so each fold gets those of the other folds:
    a detail that then misses `min_precision` is not given. Raises ValueError if there are too few groups.
    """
    folds = num_folds(examples, params)
    logits, temperature = cross_val_logits(examples.labels, examples.groups, folds, params.seed, fit_predict)
    thresholds = _thresholds(examples, logits, temperature, params)
    given = np.full(len(logits), -1)
    for others, held_out in splits(examples, params):
        chosen = _thresholds(examples.part(others), logits[others], temperature, params)
        given[held_out] = Calibration(temperature, chosen).details(logits[held_out], examples.names)
    why_not = {
        name: reason
        for detail in examples.details
        if (reason := _why_not(detail, thresholds[name := examples.names[detail]], examples, given, params))
    }
    kept = {name: None if name in why_not else least for name, least in thresholds.items()}
    return Calibration(temperature, kept), why_not


def num_folds(examples: Examples, params: DetailParams) -> int:
    """Folds of the cross-validation: fewer than in the settings where there are fewer groups."""
    return max(2, min(params.folds, len(np.unique(examples.groups))))


def splits(examples: Examples, params: DetailParams) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions (training, held out) of each fold; a group is in one fold."""
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(num_folds(examples, params), shuffle=True, random_state=params.seed)
    yield from splitter.split(np.zeros(len(examples.labels)), examples.labels, examples.groups)


def _thresholds(examples: Examples, logits: np.ndarray, temperature: float, params: DetailParams) -> Thresholds:
    """Thresholds of the target precision for logits [n, C] of models that have not seen the groups."""
    probs = softmax(logits / temperature, axis=1)
    best, confidence = probs.argmax(axis=1), probs.max(axis=1)
    return {
        examples.names[detail]: threshold_for(
            params.target_precision, confidence[best == detail], examples.labels[best == detail] == detail
        )
        for detail in examples.details
    }


def _why_not(
    detail: int, threshold: float | None, examples: Examples, given: np.ndarray, params: DetailParams
) -> str | None:
    """Reason why a detail is never given, None if it is. given: details of unseen groups, -1 for none, [n]."""
    unit, right = examples.unit, examples.labels[given == detail] == detail
    if threshold is None:
        return f"no confidence reaches detail.target_precision ({params.target_precision}) on unseen {unit}s"
    if len(right) < params.min_clips:
        return f"{len(right)} clips of unseen {unit}s get it, fewer than detail.min_clips ({params.min_clips})"
    if right.mean() < params.min_precision:
        share = f"{right.sum()} of {len(right)} clips of unseen {unit}s"
        return f"it is right on {share}, less than detail.min_precision ({params.min_precision})"
    return None
