"""A committee of classifiers: the mean of the calibrated probabilities of members chosen on validation clips."""

import numpy as np
from scipy.special import softmax

from drumspace.metrics.classification.classification import balanced_cross_entropy, fit_temperature

TINY = 1e-12
"""Lower bound of a probability before its logarithm."""


def choose(truth: np.ndarray, probabilities: dict[str, np.ndarray], max_members: int) -> list[str]:
    """Members by greedy forward selection without replacement (Caruana et al. 2004), best first.

    truth: class indices [n]; probabilities: [n, C] by model, of the validation clips. The criterion is the balanced
    cross entropy of the mean: it changes with every clip, accuracy only with those that change sides. Stops if no
    further model lowers it, or at `max_members`.
    """
    members: list[str] = []
    best = np.inf
    while len(members) < min(max_members, len(probabilities)):
        scores = {
            name: _entropy(truth, [probabilities[member] for member in (*members, name)])
            for name in probabilities
            if name not in members
        }
        name = min(scores, key=lambda candidate: (scores[candidate], candidate))
        if scores[name] >= best:
            break
        best = scores[name]
        members.append(name)
    return members


def vote(probabilities: list[np.ndarray], temperature: float = 1.0) -> np.ndarray:
    """Mean of the members' probabilities [n, C], divided by the temperature: softmax(log(mean) / temperature)."""
    mean = np.mean(probabilities, axis=0)
    return softmax(np.log(np.maximum(mean, TINY)) / temperature, axis=1)


def temperature_of(truth: np.ndarray, probabilities: list[np.ndarray]) -> float:
    """Temperature that calibrates the mean of `probabilities` ([n, C] each) on these clips; 1 without members."""
    if not probabilities:
        return 1.0
    return fit_temperature(truth, np.log(np.maximum(np.mean(probabilities, axis=0), TINY)))


def _entropy(truth: np.ndarray, probabilities: list[np.ndarray]) -> float:
    return balanced_cross_entropy(truth, np.log(np.maximum(np.mean(probabilities, axis=0), TINY)))
