"""Class agreement: how often the judge predicts the class that was requested of a generator."""

import numpy as np

from drumspace.errors import NotMeasured


def class_agreement(requested: np.ndarray, predicted: np.ndarray, n_classes: int) -> tuple[float, list[list[int]]]:
    """Mean over the requested classes of the share that is predicted as requested, and the confusion matrix.

    requested, predicted: class indices [n]. The mean is macro: each class has the same weight. Rows of the matrix are
    requested classes, columns predicted ones. Raises NotMeasured for no sounds.
    """
    from sklearn.metrics import confusion_matrix

    if not len(requested):
        raise NotMeasured("no sound was requested by its class")
    table = confusion_matrix(requested, predicted, labels=np.arange(n_classes))
    count = table.sum(axis=1)
    return float((np.diag(table)[count > 0] / count[count > 0]).mean()), table.tolist()
