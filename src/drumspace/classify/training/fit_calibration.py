"""Fit the calibration of a classifier to its outputs for clips that it was not trained on."""

import numpy as np

from drumspace.classify.training.calibration import Calibration, Rejection
from drumspace.metrics.classification.classification import fit_temperature


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
