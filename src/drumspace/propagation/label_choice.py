"""Choice of a method and a confidence threshold for propagated labels, by cross-validation over kits."""

from dataclasses import dataclass

import numpy as np

from drumspace.metrics.classification.abstention_threshold import threshold_for
from drumspace.metrics.classification.propagation_contract import CandidateMetrics
from drumspace.propagation.final_labels import Propagation


@dataclass(frozen=True)
class HeldOut:
    """Clips with the predictions that were made without any label of their kits."""

    truth: np.ndarray
    """int [n]: class indices, C for `other`."""
    kits: np.ndarray
    """[n]."""
    fold: np.ndarray
    """int [n]: clips of a kit are in one fold."""
    probs: dict[str, np.ndarray]
    """float [n, C + 1] by each method, `other` last; rows of zeros abstain."""

    def select(self, mask: np.ndarray) -> "HeldOut":
        """The clips of `mask`, bool [n]."""
        probs = {name: values[mask] for name, values in self.probs.items()}
        return HeldOut(self.truth[mask], self.kits[mask], self.fold[mask], probs)


@dataclass(frozen=True)
class Choice:
    """The method that gives the most labels at the target precision, and its threshold; None: no label is given."""

    method: str
    threshold: float | None
    candidates: list[CandidateMetrics]

    def given(self, probs: np.ndarray) -> np.ndarray:
        """Mask of the clips that get a label, bool [n]; probs: the method's, float [n, C + 1]."""
        return given_labels(probs, self.threshold)


def given_labels(probs: np.ndarray, threshold: float | None) -> np.ndarray:
    """Mask of the clips whose confidence reaches the threshold, bool [n]; None: no clip. probs: float [n, C + 1]."""
    least = np.inf if threshold is None else threshold
    return np.asarray((probs[:, :-1].max(axis=1, initial=0) >= least) & probs.any(axis=1))


def cross_val_predict(
    propagation: Propagation, labels: np.ndarray, kits: np.ndarray, trusted: np.ndarray, folds: int
) -> HeldOut | None:
    """Predictions for the labelled clips in folds of whole kits; None with fewer than two kits.

    labels: int [n], -1 for unlabelled; trusted: bool [n], clips with reliable labels: only these are predicted, the
    labels of the others are used for prediction alone.
    """
    from sklearn.model_selection import GroupKFold

    rows = np.flatnonzero((labels >= 0) & trusted)
    folds = min(folds, len(np.unique(kits[rows])))
    if folds < 2:
        return None
    fold_index = np.empty(len(rows), dtype=np.int64)
    probs = {name: np.empty((len(rows), propagation.n_classes + 1)) for name in propagation.methods}
    splitter = GroupKFold(folds, shuffle=True, random_state=0)
    for number, (_, fold) in enumerate(splitter.split(rows, groups=kits[rows])):
        held_out = rows[fold]
        fold_labels = labels.copy()
        fold_labels[held_out] = -1
        # The label of a near-duplicate in another kit would leak the held-out label.
        fold_labels[np.isin(propagation.groups, propagation.groups[held_out])] = -1
        fold_index[fold] = number
        for name, values in propagation.predict(fold_labels).items():
            probs[name][fold] = values[held_out]
    return HeldOut(labels[rows], kits[rows], fold_index, probs)


def find_threshold(held_out: HeldOut, method: str, target_precision: float) -> float | None:
    """Lowest confidence at which a method's predictions have the target precision; None if there is none.

    Every prediction for a clip of `other` counts as wrong; abstentions are left out.
    """
    probs = held_out.probs[method][:, :-1]
    confidence, correct = probs.max(axis=1), probs.argmax(axis=1) == held_out.truth
    return threshold_for(target_precision, confidence[confidence > 0], correct[confidence > 0])


def choose(held_out: HeldOut | None, methods: list[str], target_precision: float) -> Choice:
    """The method with the highest coverage at its threshold; the first of equals, and of methods without a threshold.

    Without predictions, that is with fewer than two kits, there is no threshold.
    """
    if held_out is None:
        return Choice(methods[0], None, [])
    candidates: list[CandidateMetrics] = []
    for name in methods:
        threshold = find_threshold(held_out, name, target_precision)
        covered = given_labels(held_out.probs[name], threshold)[held_out.truth < held_out.probs[name].shape[1] - 1]
        candidates.append({
            "method": name, "threshold": threshold, "coverage": float(covered.mean()) if len(covered) else None,
        })  # fmt: skip
    best = max(candidates, key=lambda candidate: candidate["coverage"] or 0.0)
    return Choice(best["method"], best["threshold"], candidates)
