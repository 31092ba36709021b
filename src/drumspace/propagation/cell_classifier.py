"""The classifier that votes: kernel ridge regression on the classes, fast enough to be fitted for every cell.

Regularised least squares (Rifkin et al. 2003). Its leave-one-out answers, which say how sure it may be, cost no
further fit.
"""

from typing import Literal

import numpy as np
from pydantic import Field
from scipy.linalg import cho_factor, cho_solve
from scipy.special import softmax

from drumspace.io.settings import Params
from drumspace.metrics.classification.classification import fit_temperature

BLOCK = 4096
"""Rows asked at a time: the kernel of all with all need not fit in memory."""
LARGEST = 10_000
"""At most so many known clips are fitted to, small classes whole: time grows with the cube of their number."""


class ClassifierParams(Params):
    """propagate.classifier."""

    features: list[Literal["spec", "mel", "mfcc", "pretrained"]] = Field(min_length=1)
    """What it hears: features joined into one space."""
    segments: int = Field(ge=1, le=64)
    """In time, of features that are spectrograms."""
    components: int = Field(ge=2)
    """Principal components of the joined space."""
    ridge: float = Field(gt=0)
    """How much is taken for noise: the kernel of a clip with itself is 1."""


def probabilities(points: np.ndarray, labels: np.ndarray, n_classes: int, params: ClassifierParams) -> np.ndarray:
    """float [n, C] for points [n, d], from those whose label (class index, -1 for none) is known.

    RBF kernel; classes count alike, however many clips they have. Calibrated by temperature on its leave-one-out
    answers. Zeros where fewer than two classes are known: then nothing tells what a sound is not.
    """
    import pandas as pd
    from sklearn.metrics.pairwise import rbf_kernel

    known = np.flatnonzero(labels >= 0)
    if len(known) > LARGEST:
        known = np.random.default_rng(0).permutation(known)
        number_in_class = pd.Series(labels[known]).groupby(labels[known]).cumcount().to_numpy()
        known = np.sort(known[np.argsort(number_in_class, kind="stable")[:LARGEST]])
    present, truth = np.unique(labels[known], return_inverse=True)
    said = np.zeros((len(points), n_classes))
    if len(present) < 2:
        return said
    support = points[known]
    # As scikit-learn's gamma="scale", with the spread about each dimension's own mean.
    gamma = 1 / max(float(support.var(axis=0).sum()), 1e-12)
    weights, prior, left_out = fit(rbf_kernel(support, support, gamma), truth, params.ridge)
    temperature = fit_temperature(truth, left_out)
    for begin in range(0, len(points), BLOCK):
        rows = slice(begin, begin + BLOCK)
        logits = rbf_kernel(points[rows], support, gamma) @ weights + prior
        said[rows, present] = softmax(logits / temperature, axis=1)
    return said


def fit(kernel: np.ndarray, truth: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights [n, C] and prior [C], so that kernel @ weights + prior are scores, and leave-one-out scores [n, C].

    kernel: [n, n]; truth: class indices [n], each from 0 on occurring. A clip's squared error is weighed by 1 over the
    size of its class. Left-out scores by Rifkin and Lippert 2007, eq. 9 (the prior keeps the clip left out).
    """
    one_hot = np.eye(int(truth.max()) + 1)[truth]
    each = len(truth) / (one_hot.shape[1] * one_hot.sum(axis=0))[truth]
    prior = each @ one_hot / each.sum()
    factor = cho_factor(kernel + np.diag(ridge / each))
    inverse = cho_solve(factor, np.eye(len(truth)))
    weights = inverse @ (one_hot - prior)
    return weights, prior, one_hot - weights / np.diag(inverse)[:, None]
