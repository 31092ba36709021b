"""Calibration of a classifier's outputs: a probability a class, and one that a sound is of none of the classes."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, softmax


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
