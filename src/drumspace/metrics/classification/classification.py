"""Metrics of a classifier, from arrays of class indices and probabilities."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax


def macro_recall(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Mean over the classes that occur in `truth` of the share that is predicted correct."""
    return float(np.mean([np.mean(predicted[truth == index] == index) for index in np.unique(truth)]))


def balanced_cross_entropy(truth: np.ndarray, logits: np.ndarray) -> float:
    """Mean over the classes that occur in `truth` [n] of the mean cross entropy of softmax(logits) [n, C] (nats)."""
    losses = -log_softmax(np.asarray(logits, dtype=np.float64), axis=1)[np.arange(len(truth)), truth]
    return float(np.mean([losses[truth == index].mean() for index in np.unique(truth)]))


def calibration_error(truth: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error (Guo et al. 2017, eq. 3): |accuracy - confidence|, averaged over bins by size.

    truth: [n]; probabilities: [n, C]; `bins` of equal width in confidence.
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == truth
    bin_index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        np.mean(bin_index == index)
        * abs(np.mean(correct[bin_index == index]) - np.mean(confidence[bin_index == index]))
        for index in np.unique(bin_index)
    ]
    return float(np.sum(gaps))


def fit_temperature(truth: np.ndarray, logits: np.ndarray) -> float:
    """The T > 0 that minimises the cross entropy of softmax(logits / T) (Guo et al. 2017); 1 for no clips.

    Shapes [n], [n, C].
    """
    if not len(truth):
        return 1.0

    def entropy(log_temperature: float) -> float:
        return -float(log_softmax(logits / np.exp(log_temperature), axis=1)[np.arange(len(truth)), truth].mean())

    best = minimize_scalar(entropy, bounds=(np.log(0.02), np.log(50)), method="bounded")
    return float(np.exp(best.x))


def summary(truth: np.ndarray, probabilities: np.ndarray) -> dict[str, object]:
    """Accuracy, macro precision, recall and F1, calibration error, confusion matrix, n.

    truth: class indices [n]; probabilities: [n, C]. Macro means run over the classes that occur in `truth`;
    rows of the confusion matrix are truth, columns predictions.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    correct = predicted == truth
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, predicted, labels=np.unique(truth), average="macro", zero_division=0
    )
    return {
        "accuracy": float(correct.mean()),
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
        "calibration_error": calibration_error(truth, probabilities),
        "n": len(truth),
        "confusion": confusion_matrix(truth, predicted, labels=np.arange(classes)).tolist(),
    }
