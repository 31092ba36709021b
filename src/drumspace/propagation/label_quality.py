"""Confidence threshold for propagated labels, and their precision and coverage on kits without a label."""

from collections.abc import Iterator

import numpy as np

from drumspace.metrics.classification.abstention_threshold import threshold_for
from drumspace.metrics.classification.intervals import student_ci95
from drumspace.metrics.classification.propagation_contract import LabelMetrics, SplitMetrics
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.settings import LabelsParams


def cross_val_predict(
    propagation: Propagation, labels: np.ndarray, kits: np.ndarray, trusted: np.ndarray, folds: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows of each fold and their class probabilities, predicted without any label of the fold's kits.

    labels: int [n], -1 for unlabelled; trusted: bool [n], clips with reliable labels: only these are in a fold, the
    labels of the others are used for prediction alone. Yields nothing with fewer than two kits.
    """
    from sklearn.model_selection import GroupKFold

    rows = np.flatnonzero((labels >= 0) & trusted)
    folds = min(folds, len(np.unique(kits[rows])))
    if folds < 2:
        return
    for _, fold in GroupKFold(folds, shuffle=True, random_state=0).split(rows, groups=kits[rows]):
        held_out = rows[fold]
        fold_labels = labels.copy()
        fold_labels[held_out] = -1
        # The label of a near-duplicate in another kit would leak the held-out label.
        fold_labels[np.isin(propagation.groups, propagation.groups[held_out])] = -1
        yield held_out, propagation.predict(fold_labels)[held_out]


def find_threshold(
    propagation: Propagation, labels: np.ndarray, kits: np.ndarray, trusted: np.ndarray, params: LabelsParams
) -> float | None:
    """Lowest confidence at which cross-validated predictions have the target precision; None if there is none.

    Every prediction for a clip of `other` counts as wrong; abstentions are left out.
    """
    confidences, matches = [], []
    for rows, probs in cross_val_predict(propagation, labels, kits, trusted, params.folds):
        confidences.append(probs[:, :-1].max(axis=1))
        matches.append(probs[:, :-1].argmax(axis=1) == labels[rows])
    if not confidences:
        return None
    confidence, correct = np.concatenate(confidences), np.concatenate(matches)
    return threshold_for(params.target_precision, confidence[confidence > 0], correct[confidence > 0])


def selective_metrics(probs: np.ndarray, truth: np.ndarray, threshold: float | None) -> SplitMetrics:
    """Precision and coverage of the predictions whose confidence reaches the threshold; None: all abstain.

    probs: float [n, C + 1]; truth: int [n], C for `other`.
    """
    n_classes = probs.shape[1] - 1
    least = np.inf if threshold is None else threshold
    predicted = (probs[:, :-1].max(axis=1) >= least) & probs.any(axis=1)
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

    truth: int [n], n_classes for `other`, -1 for unlabelled; parts: the part of every clip, for each split. The
    threshold comes from the split's training and validation clips. `n` counts distinct test clips, since splits
    overlap.
    """
    splits: list[SplitMetrics] = []
    clips = np.zeros(len(truth), dtype=bool)
    for part in parts:
        labels, tested = split_masks(propagation, truth, kits, part)
        clips |= tested & (truth != propagation.n_classes)
        threshold = find_threshold(propagation, labels, kits, trusted, params)
        splits.append(selective_metrics(propagation.predict(labels)[tested], truth[tested], threshold))
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
