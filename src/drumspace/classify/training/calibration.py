"""Calibration of a classifier's outputs: a probability a class, and one that a sound is of none of the classes."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, softmax

from drumspace.metrics.classification.classification import fit_temperature


class Rejection(NamedTuple):
    """Logistic function of the output of rejection: expit(scale · output + offset)."""

    scale: float
    offset: float


class Probabilities(NamedTuple):
    """Probabilities of n clips."""

    classes: np.ndarray
    """[n, C], sums 1: of each class, if it is one of them."""
    other: np.ndarray
    """[n]: that it is none of them; zeros for a model that does not reject."""


class Calibration(NamedTuple):
    """Temperature of the classes' logits, and the logistic function of the output of rejection."""

    temperature: float
    rejection: Rejection | None

    def probabilities(self, outputs: np.ndarray, n_classes: int) -> Probabilities:
        """Probabilities from the outputs of a classifier, [n, n_classes] or, with rejection, [n, n_classes + 1]."""
        outputs = outputs.astype(np.float64)
        classes = softmax(outputs[:, :n_classes] / self.temperature, axis=1)
        if self.rejection is None or outputs.shape[1] == n_classes:
            return Probabilities(classes, np.zeros(len(outputs)))
        return Probabilities(classes, expit(self.rejection.scale * outputs[:, -1] + self.rejection.offset))


def calibrate(outputs: np.ndarray, labels: np.ndarray, training_labels: np.ndarray, n_classes: int) -> Calibration:
    """Calibration by the outputs [n, …] for validation clips; labels: class indices [n], -1 for other sounds.

    Clips of classes without a training clip are left out: the model can't predict these, whatever the temperature.
    Other sounds and those of the classes count alike in total, however many of each there are; without either, the
    output of rejection is taken as it is.
    """
    seen = np.isin(labels, training_labels[training_labels >= 0])
    temperature = fit_temperature(labels[seen], outputs[seen, :n_classes])
    if outputs.shape[1] == n_classes:
        return Calibration(temperature, None)
    return Calibration(temperature, _fit_rejection(outputs[:, -1], labels < 0))


def _fit_rejection(outputs: np.ndarray, is_other: np.ndarray) -> Rejection:
    from sklearn.linear_model import LogisticRegression

    if is_other.all() or not is_other.any():
        return Rejection(1.0, 0.0)
    model = LogisticRegression(class_weight="balanced").fit(outputs[:, None], is_other)
    return Rejection(float(model.coef_[0, 0]), float(model.intercept_[0]))
