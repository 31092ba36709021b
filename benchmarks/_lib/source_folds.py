"""Folds of whole sources: each labelled clip is predicted by a model that saw nothing of its source."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drumspace.dataset.access.subsets import hold_out_kits


@dataclass(frozen=True)
class Fold:
    """Row numbers of one fold."""

    train: np.ndarray
    validation: np.ndarray
    """Kits of training sources, which choose steps, temperatures, thresholds and members of a committee."""
    test: np.ndarray
    """Labelled clips of the fold's sources."""
    other: np.ndarray
    """Other drums in the fold's sources: clips whose names say that they are of none of the classes."""
    train_other: np.ndarray
    """Other drums in training kits."""
    validation_other: np.ndarray
    """Other drums in validation kits."""


def assign_sources(sources: np.ndarray, labels: np.ndarray, folds: int) -> dict[str, int]:
    """Fold of each source: the largest source first, each into the fold that it leaves the most even.

    sources: text [n]; labels: class indices int [n]. Evenness: the sum over classes of the squared shares of a class's
    clips that the folds hold.
    """
    names, source = np.unique(sources, return_inverse=True)
    counts = np.zeros((len(names), labels.max() + 1))
    np.add.at(counts, (source, labels), 1)
    shares = counts / counts.sum(axis=0)
    held = np.zeros((folds, shares.shape[1]))
    chosen: dict[str, int] = {}
    for index in np.lexsort((names, -counts.sum(axis=1))):
        costs = [((held[fold] + shares[index]) ** 2 - held[fold] ** 2).sum() for fold in range(folds)]
        fold = int(np.argmin(costs))
        held[fold] += shares[index]
        chosen[str(names[index])] = fold
    return chosen


def make_fold(
    catalog: pd.DataFrame, labels: np.ndarray, truth: np.ndarray, fold_of: dict[str, int], fold: int, seed: int
) -> Fold:
    """Rows of a fold. Near-duplicates of its test clips, and of validation clips, are left out of training.

    labels: class index by which a clip is trained on, -1 for none; truth: by which it is tested. A source without a
    fold is trained on alone.
    """
    clip_fold = catalog["source"].map(fold_of).fillna(-1).to_numpy(dtype=int)
    groups = catalog["duplicate_group"].to_numpy()
    test = np.flatnonzero((clip_fold == fold) & (truth >= 0))
    is_free = (clip_fold != fold) & (labels >= 0) & ~np.isin(groups, groups[clip_fold == fold])
    tested = np.flatnonzero(is_free & (clip_fold >= 0))
    validation = tested[hold_out_kits(catalog["kit"].to_numpy()[tested], labels[tested], folds=8, seed=seed)]
    train = np.flatnonzero(is_free & ~np.isin(groups, groups[validation]))
    other = catalog["other"].to_numpy(bool)
    kits = catalog["kit"].to_numpy(str)
    in_validation = other & np.isin(kits, np.unique(kits[validation])) & (clip_fold != fold)
    unseen = np.isin(groups, groups[(clip_fold == fold) | in_validation])
    train_other = np.flatnonzero(other & (clip_fold != fold) & ~unseen & ~in_validation)
    return Fold(
        train, validation, test, np.flatnonzero((clip_fold == fold) & other), train_other, np.flatnonzero(in_validation)
    )
