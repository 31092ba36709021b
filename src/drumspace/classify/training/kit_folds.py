"""Cross-validation over kits within the training data."""

from collections.abc import Iterator

import numpy as np


def kit_folds(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions to train on and positions held out, for each fold; every position is held out once.

    labels: int [n]; groups: [n], such as kits, of which each is held out as a whole. Raises ValueError if there are
    fewer groups than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    if (count := len(np.unique(groups))) < folds:
        raise ValueError(f"{folds} folds need as many groups, and there are {count}")
    yield from StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(labels, labels, groups)
