"""95 % intervals of accuracy and macro recall by a bootstrap over kits: clips of one kit are not independent."""

from typing import Any

import numpy as np

RESAMPLES = 2000
SEED = 0


def kit_weights(kits: np.ndarray, resamples: int = RESAMPLES, seed: int = SEED) -> np.ndarray:
    """Number of times that each clip occurs in each resample of as many kits with replacement, int [resamples, n].

    kits: name of each clip's kit [n].
    """
    names, index = np.unique(kits, return_inverse=True)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), resamples)
    return np.asarray(drawn[:, index])


def weighted_scores(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Accuracy and macro recall [resamples] of clips [n] that count `weights` [resamples, n] times each.

    The mean of the recalls runs over the classes that a resample holds.
    """
    correct = (predicted == truth).astype(np.float64)
    recalls = []
    for index in np.unique(truth):
        column = weights[:, truth == index]
        count = column.sum(axis=1)
        recalls.append(np.where(count > 0, column @ correct[truth == index] / np.maximum(count, 1), np.nan))
    return weights @ correct / weights.sum(axis=1), np.nanmean(recalls, axis=0)


def scores_by_kit(
    truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray, reference: np.ndarray | None = None
) -> dict[str, Any]:
    """Accuracy and macro recall of class indices [n], with intervals over `weights` of `kit_weights`, and n.

    reference: other predictions [n] of the same clips; adds the change of the accuracy against them.
    """
    ones = np.ones((1, len(truth)), dtype=np.int64)
    values: dict[str, Any] = {}
    names = ("accuracy", "macro_recall")
    for name, value, resampled in zip(
        names, weighted_scores(truth, predicted, ones), weighted_scores(truth, predicted, weights), strict=True
    ):
        values[name], values[f"{name}_ci95"] = float(value[0]), _interval(resampled)
    if reference is not None:
        change = (predicted == truth).astype(np.float64) - (reference == truth)
        values["accuracy_change"] = float(change.mean())
        values["accuracy_change_ci95"] = _interval(weights @ change / weights.sum(axis=1))
    return {**values, "n": len(truth)}


def _interval(resampled: np.ndarray) -> list[float]:
    return [float(edge) for edge in np.percentile(resampled, [2.5, 97.5])]
