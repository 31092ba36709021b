"""Whether a generator does as it is told."""

import numpy as np
from scipy.stats import spearmanr

from drumspace.errors import NotMeasured


def agreement(asked: np.ndarray, heard: np.ndarray, n_classes: int) -> tuple[float, list[list[int]]]:
    """Mean over the classes asked for of how often they are heard, and the matrix asked x heard.

    Class indices [n]. The mean is macro: a class counts as much however many sounds it has.
    """
    from sklearn.metrics import confusion_matrix

    if not len(asked):
        raise NotMeasured("no sound was asked for by its class")
    table = confusion_matrix(asked, heard, labels=np.arange(n_classes))
    count = table.sum(axis=1)
    return float((np.diag(table)[count > 0] / count[count > 0]).mean()), table.tolist()


def steadiness(values: np.ndarray) -> float:
    """Mean rank correlation of rows [rows, steps] with their steps: 1 where a descriptor always rises, -1 if it falls.

    Spearman's. Rows with a missing value, or of one value, are left out.
    """
    usable = np.isfinite(values).all(axis=1) & (np.ptp(np.nan_to_num(values), axis=1) > 0)
    if not usable.any() or values.shape[1] < 3:
        raise NotMeasured("no row along which the descriptor has three values and changes")
    steps = np.arange(values.shape[1])
    return float(np.mean([spearmanr(steps, row).statistic for row in values[usable]]))
