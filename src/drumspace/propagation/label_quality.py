"""Precision and coverage of propagated labels on kits without a label, by cross-validation and on the test parts."""

import numpy as np

from drumspace.metrics.classification.by_kit import ratio_interval
from drumspace.metrics.classification.intervals import student_ci95
from drumspace.metrics.classification.propagation_contract import CrossValidated, LabelMetrics, SplitMetrics
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.label_choice import HeldOut, choose, cross_val_predict, given_labels
from drumspace.propagation.settings import LabelsParams

RESAMPLES = 2000
"""Resamples of kits for an interval."""


def cross_validated_metrics(held_out: HeldOut | None, target_precision: float) -> CrossValidated:
    """Precision and coverage where method and threshold, too, were chosen without the kits that they are measured on.

    The clips of each fold get labels by the choice on the other folds. Intervals are over resamples of whole kits.
    """
    if held_out is None:
        return {
            "precision": None, "precision_ci95": None, "precision_with_others": None,
            "precision_with_others_ci95": None, "coverage": None, "coverage_ci95": None, "others_abstained": None,
            "accuracy": None, "target_kept": None, "n": 0, "others": 0, "kits": 0,
        }  # fmt: skip
    names = list(held_out.probs)
    others = held_out.truth == held_out.probs[names[0]].shape[1] - 1
    given, correct = np.zeros((2, len(others)), dtype=bool)
    for number in np.unique(held_out.fold):
        fold = held_out.fold == number
        choice = choose(held_out.select(~fold), names, target_precision)
        probs = held_out.probs[choice.method][fold]
        given[fold] = choice.given(probs)
        correct[fold] = probs.any(axis=1) & (probs[:, :-1].argmax(axis=1) == held_out.truth[fold])

    def share(numerator: np.ndarray, denominator: np.ndarray) -> tuple[float | None, list[float] | None]:
        interval = ratio_interval(numerator & denominator, denominator, held_out.kits, RESAMPLES, 0)
        return _mean(numerator[denominator]), interval

    precision, precision_ci95 = share(correct, given & ~others)
    with_others, with_others_ci95 = share(correct, given)
    coverage, coverage_ci95 = share(given, ~others)
    return {
        "precision": precision,
        "precision_ci95": precision_ci95,
        "precision_with_others": with_others,
        "precision_with_others_ci95": with_others_ci95,
        "coverage": coverage,
        "coverage_ci95": coverage_ci95,
        "others_abstained": _mean(~given[others]),
        "accuracy": _mean(correct[~others]),
        "target_kept": None if with_others is None else with_others >= target_precision,
        "n": int((~others).sum()),
        "others": int(others.sum()),
        "kits": len(np.unique(held_out.kits)),
    }


def selective_metrics(probs: np.ndarray, truth: np.ndarray, method: str, threshold: float | None) -> SplitMetrics:
    """Precision and coverage of the predictions whose confidence reaches the threshold; None: all abstain.

    probs: float [n, C + 1], by `method`; truth: int [n], C for `other`.
    """
    n_classes = probs.shape[1] - 1
    predicted = given_labels(probs, threshold)
    correct = probs[:, :-1].argmax(axis=1) == truth
    in_classes, others = truth < n_classes, truth == n_classes
    return {
        "precision": _mean(correct[in_classes & predicted]),
        "precision_with_others": _mean(correct[predicted]),
        "coverage": _mean(predicted[in_classes]),
        "others_abstained": _mean(~predicted[others]),
        "n": int(in_classes.sum()),
        "predicted": int(predicted[in_classes].sum()),
        "others": int(others.sum()),
        "method": method,
        "threshold": threshold,
    }


def split_masks(
    propagation: Propagation, truth: np.ndarray, kits: np.ndarray, part: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Labels that a split allows for propagation, int [n], and the clips of its test parts, bool [n].

    part: the part of every clip [n]. The labels are those of training and validation clips, and of `other` clips in
    training kits. A test clip shares neither its kit nor a near-duplicate with a clip whose label is used.
    """
    other = truth == propagation.n_classes
    labels = np.where(np.isin(part, ["train", "validation"]) | (other & (part == "unlabelled")), truth, -1)
    tested = (truth >= 0) & np.isin(part, ["test", "test_rest", "held_out"])
    # A split holds out unlabelled clips by kit alone, so that `held_out` has clips of validation kits too.
    tested &= ~np.isin(kits, kits[labels >= 0]) & ~np.isin(propagation.groups, propagation.groups[labels >= 0])
    return labels, tested


def evaluate_labels(
    propagation: Propagation,
    truth: np.ndarray,
    kits: np.ndarray,
    trusted: np.ndarray,
    parts: list[np.ndarray],
    params: LabelsParams,
) -> LabelMetrics:
    """`selective_metrics` on the test clips of each split, and their mean over splits with an interval.

    truth: int [n], n_classes for `other`, -1 for unlabelled; parts: the part of every clip, for each split. Method and
    threshold come from the split's training and validation clips. `n` counts distinct test clips, since splits overlap.
    """
    splits: list[SplitMetrics] = []
    clips = np.zeros(len(truth), dtype=bool)
    for part in parts:
        labels, tested = split_masks(propagation, truth, kits, part)
        clips |= tested & (truth != propagation.n_classes)
        held_out = cross_val_predict(propagation, labels, kits, trusted, params.folds)
        choice = choose(held_out, params.methods, params.target_precision)
        probs = propagation.predict(labels)[choice.method][tested]
        splits.append(selective_metrics(probs, truth[tested], choice.method, choice.threshold))
    precision, precision_ci95 = _mean_and_interval([split["precision"] for split in splits])
    with_others, with_others_ci95 = _mean_and_interval([split["precision_with_others"] for split in splits])
    coverage, coverage_ci95 = _mean_and_interval([split["coverage"] for split in splits])
    abstained, abstained_ci95 = _mean_and_interval([split["others_abstained"] for split in splits])
    return {
        "target": params.target_precision,
        "precision": precision,
        "precision_ci95": precision_ci95,
        "precision_with_others": with_others,
        "precision_with_others_ci95": with_others_ci95,
        "coverage": coverage,
        "coverage_ci95": coverage_ci95,
        "others_abstained": abstained,
        "others_abstained_ci95": abstained_ci95,
        "n": int(clips.sum()),
        "splits": splits,
    }


def _mean_and_interval(values: list[float | None]) -> tuple[float | None, list[float] | None]:
    """Mean and 95 % interval of the values that are not None."""
    present = [value for value in values if value is not None]
    return float(np.mean(present)) if present else None, student_ci95(present)


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None
