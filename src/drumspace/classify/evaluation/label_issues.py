"""Labels in doubt: cross-validated predictions of a classifier, compared with the labels by cleanlab."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax

from drumspace.classify.training.kit_folds import kit_folds
from drumspace.metrics.classification.classification import fit_temperature

COLUMNS = ("path", "label", "suggested", "quality", "clip_id")
"""Columns of the table of labels in doubt."""
FitPredict = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(positions to train on, positions to predict) → logits [n, C] of the latter."""


def cross_val_logits(
    labels: np.ndarray, groups: np.ndarray, folds: int, seed: int, fit_predict: FitPredict
) -> tuple[np.ndarray, float]:
    """Logits [n, C] of each clip, by a model that was trained on no clip of its group, and their temperature.

    labels: class indices [n]; groups: [n], such as kits. One temperature calibrates all folds.
    Raises ValueError if there are fewer groups than folds.
    """
    logits: np.ndarray | None = None
    calibrates = np.zeros(len(labels), dtype=bool)
    for training, held_out in kit_folds(labels, groups, folds, seed):
        scores = fit_predict(training, held_out)
        logits = np.zeros((len(labels), scores.shape[1])) if logits is None else logits
        logits[held_out] = scores
        # A model can't predict a class that it was not trained on, whatever the temperature.
        calibrates[held_out] = np.isin(labels[held_out], labels[training])
    if logits is None:
        raise ValueError("there is no clip")
    return logits, fit_temperature(labels[calibrates], logits[calibrates])


def cross_val_predict(
    labels: np.ndarray, groups: np.ndarray, folds: int, seed: int, fit_predict: FitPredict
) -> np.ndarray:
    """Calibrated probabilities [n, C] of each clip: the softmax of `cross_val_logits`."""
    logits, temperature = cross_val_logits(labels, groups, folds, seed, fit_predict)
    return softmax(logits / temperature, axis=1)


def rank_label_issues(labels: np.ndarray, probs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of labels in doubt, the worst first, and the quality in [0, 1] of every label [n].

    Confident learning (Northcutt et al. 2021). labels: class indices [n]; probs: [n, C], out of sample.
    """
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    # cleanlab needs class numbers from 0 without gaps.
    present, dense = np.unique(labels, return_inverse=True)
    probs = probs[:, present]
    probs = probs / probs.sum(axis=1, keepdims=True)
    positions = find_label_issues(dense, probs, return_indices_ranked_by="self_confidence", n_jobs=1)
    return np.asarray(positions, dtype=np.int64), get_label_quality_scores(dense, probs)


def issue_table(
    catalog: pd.DataFrame, labels: np.ndarray, probs: np.ndarray, classes: tuple[str, ...]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Table of labels in doubt, the worst first (path, label, suggested, quality, clip_id), and its figures.

    catalog: rows of the clips (path, label, clip_id, source); labels: class indices [n]; probs: [n, C], out of sample.
    """
    issues, quality = rank_label_issues(labels, probs)
    suggested = np.array(classes)[probs[issues].argmax(axis=1)]
    table = catalog[["path", "label", "clip_id"]].reset_index(drop=True).iloc[issues]
    table = table.assign(suggested=suggested, quality=quality[issues])
    by_source = catalog.assign(issue=np.isin(np.arange(len(labels)), issues)).groupby("source")["issue"]
    figures = {
        "accuracy_out_of_fold": float(np.mean(probs.argmax(axis=1) == labels)),
        "classes": {name: int(np.sum(labels[issues] == number)) for number, name in enumerate(classes)},
        "sources": {source: {"issues": int(part.sum()), "n": len(part)} for source, part in by_source},
    }
    return table[list(COLUMNS)], figures


def unmeasured_issues(why: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Empty table and null figures of `issue_table`, where too few kits leave nothing to train on."""
    missing = [{"what": "labels in doubt", "why": why}]
    figures: dict[str, Any] = {"accuracy_out_of_fold": None, "classes": {}, "sources": {}, "not_measured": missing}
    return pd.DataFrame(columns=list(COLUMNS)), figures
