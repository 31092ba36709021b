"""Kernel ridge regression on class labels: a classifier fast enough to be fitted for every cell of a table.

Regularised least squares (Rifkin et al. 2003). Its leave-one-out predictions, which calibrate the probabilities, need
no further fit.
"""

from typing import Literal

import numpy as np
from pydantic import Field
from scipy.linalg import cho_factor, cho_solve
from scipy.special import softmax

from drumspace.io.settings import Params
from drumspace.metrics.classification.classification import fit_temperature

BLOCK_ROWS = 4096
"""Rows predicted at a time, so that the kernel between all pairs of clips need not fit in memory."""
MAX_TRAINING_CLIPS = 10_000
"""Largest training set, small classes whole: time grows with the cube of the number of clips."""


class ClassifierParams(Params):
    """propagate.classifier."""

    features: list[Literal["spec", "mel", "mfcc", "pretrained"]] = Field(min_length=1)
    """Features that are fused into the classifier's input."""
    segments: int = Field(ge=1, le=64)
    """Time segments that spectrogram features are averaged over."""
    components: int = Field(ge=2)
    """Principal components of the fused features."""
    ridge: float = Field(gt=0)
    """Regularisation added to the kernel's diagonal, where the kernel of a clip with itself is 1."""


def predict_probabilities(
    points: np.ndarray, labels: np.ndarray, n_classes: int, params: ClassifierParams
) -> np.ndarray:
    """Class probabilities, float [n, C], of a classifier trained on the labelled ones of `points` [n, d].

    labels: class indices [n], -1 for unlabelled points. RBF kernel; every class has the same total weight. Calibrated
    by temperature on leave-one-out predictions. All zeros with fewer than two labelled classes: a classifier needs
    examples of two.
    """
    import pandas as pd
    from sklearn.metrics.pairwise import rbf_kernel

    training_rows = np.flatnonzero(labels >= 0)
    if len(training_rows) > MAX_TRAINING_CLIPS:
        training_rows = np.random.default_rng(0).permutation(training_rows)
        number_in_class = pd.Series(labels[training_rows]).groupby(labels[training_rows]).cumcount().to_numpy()
        training_rows = np.sort(training_rows[np.argsort(number_in_class, kind="stable")[:MAX_TRAINING_CLIPS]])
    present, truth = np.unique(labels[training_rows], return_inverse=True)
    probs = np.zeros((len(points), n_classes))
    if len(present) < 2:
        return probs
    support = points[training_rows]
    # As scikit-learn's gamma="scale", with the variance about each dimension's own mean.
    gamma = 1 / max(float(support.var(axis=0).sum()), 1e-12)
    weights, prior, left_out = fit(rbf_kernel(support, support, gamma), truth, params.ridge)
    temperature = fit_temperature(truth, left_out)
    for start in range(0, len(points), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        logits = rbf_kernel(points[rows], support, gamma) @ weights + prior
        probs[rows, present] = softmax(logits / temperature, axis=1)
    return probs


def fit(kernel: np.ndarray, truth: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights [n, C] and prior [C], so that kernel @ weights + prior are scores, and leave-one-out scores [n, C].

    kernel: [n, n]; truth: class indices [n], each from 0 to C - 1 present. A clip's squared error is weighted by 1 over
    the size of its class. Leave-one-out scores by Rifkin and Lippert 2007, eq. 9 (the prior includes the clip).
    """
    one_hot = np.eye(int(truth.max()) + 1)[truth]
    clip_weights = len(truth) / (one_hot.shape[1] * one_hot.sum(axis=0))[truth]
    prior = clip_weights @ one_hot / clip_weights.sum()
    factor = cho_factor(kernel + np.diag(ridge / clip_weights))
    inverse = cho_solve(factor, np.eye(len(truth)))
    weights = inverse @ (one_hot - prior)
    return weights, prior, one_hot - weights / np.diag(inverse)[:, None]
