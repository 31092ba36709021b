"""Training labels that a classifier doubts: cross-validated probabilities, read by cleanlab."""

from collections.abc import Callable

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from scipy.special import softmax
from sklearn.model_selection import StratifiedGroupKFold

from drumspace.metrics.classification.classification import fit_temperature

Scores = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(positions to fit to, positions to score) → logits [n, C] of the latter."""


def crossed(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int, scores: Scores) -> np.ndarray:
    """Probabilities [n, C] of each clip from a model that heard nothing of its group.

    labels: class indices [n]; groups: [n], such as kits. One temperature calibrates them all.
    Raises ValueError for fewer groups than folds.
    """
    if len(np.unique(groups)) < folds:
        raise ValueError(f"{folds} folds need as many groups, and there are {len(np.unique(groups))}")
    logits: np.ndarray | None = None
    heard = np.zeros(len(labels), dtype=bool)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for fitted, asked in splitter.split(np.zeros(len(labels)), labels, groups):
        said = scores(fitted, asked)
        logits = np.zeros((len(labels), said.shape[1])) if logits is None else logits
        logits[asked] = said
        # A class of which a model heard nothing is an answer that it can't give, however it is calibrated.
        heard[asked] = np.isin(labels[asked], labels[fitted])
    if logits is None:
        raise ValueError("there is no clip")
    return softmax(logits / fit_temperature(labels[heard], logits[heard]), axis=1)


def issues(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of labels in doubt, the worst first, and the quality in [0, 1] of every label [n].

    Confident learning (Northcutt et al. 2021). labels: class indices [n]; probabilities: [n, C], out of sample.
    """
    # cleanlab counts classes from 0 without gaps.
    present, dense = np.unique(labels, return_inverse=True)
    known = probabilities[:, present]
    known = known / known.sum(axis=1, keepdims=True)
    doubted = find_label_issues(dense, known, return_indices_ranked_by="self_confidence", n_jobs=1)
    return np.asarray(doubted, dtype=np.int64), get_label_quality_scores(dense, known)
