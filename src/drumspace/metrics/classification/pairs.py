"""Is one classifier better than another on the same clips?"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import binomtest


@dataclass(frozen=True)
class Pair:
    """Two classifiers on the same clips."""

    first: str
    second: str
    only_first: int
    """Clips that the first alone got right."""
    only_second: int
    p: float
    """Exact two-sided McNemar test (McNemar 1947): such a difference or a greater one, if both were equally good."""
    p_holm: float
    """The same, adjusted for all pairs (Holm 1979)."""


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided p of the exact McNemar test from the numbers of discordant clips; 1 where there are none."""
    discordant = only_first + only_second
    return float(binomtest(only_first, discordant).pvalue) if discordant else 1.0


def holm(p: list[float]) -> list[float]:
    """Holm's step-down adjustment of p values, in their order."""
    order = np.argsort(p, kind="stable")
    adjusted = np.maximum.accumulate(np.array(p)[order] * np.arange(len(p), 0, -1)) if p else np.empty(0)
    result = np.empty(len(p))
    result[order] = np.minimum(adjusted, 1)
    return [float(value) for value in result]


def all_pairs(right: dict[str, np.ndarray]) -> list[Pair]:
    """Every pair of classifiers. right: for each name, bool [n], whether it named clip i rightly."""
    counted = []
    for first, second in combinations(right, 2):
        only_first = int(np.sum(right[first] & ~right[second]))
        only_second = int(np.sum(right[second] & ~right[first]))
        counted.append((first, second, only_first, only_second, mcnemar(only_first, only_second)))
    adjusted = holm([row[-1] for row in counted])
    return [Pair(*row, value) for row, value in zip(counted, adjusted, strict=True)]
