"""A committee of classifiers: the mean of the calibrated probabilities of members chosen on validation clips."""

import numpy as np
from scipy.special import softmax

from drumspace.metrics.classification.classification import balanced_cross_entropy, fit_temperature

TINY = 1e-12


def choose(truth: np.ndarray, probabilities: dict[str, np.ndarray], most: int) -> list[str]:
    """Members by greedy forward selection without replacement (Caruana et al. 2004), best first.

    truth: class indices [n]; probabilities: [n, C] by model, of the validation clips. The balanced cross entropy of
    the mean decides: it moves with every clip, where accuracy stands still for most. Stops where no further model
    lowers it, or at `most` members.
    """
    members: list[str] = []
    best = np.inf
    while len(members) < min(most, len(probabilities)):
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
    """Mean of the members' probabilities [n, C], then tempered: softmax(log mean / temperature)."""
    mean = np.mean(probabilities, axis=0)
    return softmax(np.log(np.maximum(mean, TINY)) / temperature, axis=1)


def temperature_of(truth: np.ndarray, probabilities: list[np.ndarray]) -> float:
    """The temperature that calibrates the mean on these clips; 1 where there are none."""
    if not probabilities:
        return 1.0
    return fit_temperature(truth, np.log(np.maximum(np.mean(probabilities, axis=0), TINY)))


def _entropy(truth: np.ndarray, probabilities: list[np.ndarray]) -> float:
    return balanced_cross_entropy(truth, np.log(np.maximum(np.mean(probabilities, axis=0), TINY)))
