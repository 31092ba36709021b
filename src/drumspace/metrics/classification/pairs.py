"""Paired comparison of classifiers on the same clips: permutation by kit with Holm's correction."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import binomtest

from drumspace.metrics.classification.by_kit import permutation_by_kit


@dataclass(frozen=True)
class Pair:
    """Comparison of two classifiers on the same clips."""

    first: str
    second: str
    only_first: int
    """Clips that only the first classified correctly."""
    only_second: int
    p: float
    """Two-sided p value of a test that exchanges both in whole kits at random (see by_kit.permutation_by_kit)."""
    p_holm: float
    """p value adjusted for all pairs (Holm 1979)."""


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided p of the exact McNemar test from the numbers of discordant clips; 1 where there are none.

    It takes clips as independent (McNemar 1947): for one clip a kit.
    """
    discordant = only_first + only_second
    return float(binomtest(only_first, discordant).pvalue) if discordant else 1.0


def holm(p: list[float]) -> list[float]:
    """Holm's step-down adjustment of p values, in their order."""
    order = np.argsort(p, kind="stable")
    adjusted = np.maximum.accumulate(np.array(p)[order] * np.arange(len(p), 0, -1)) if p else np.empty(0)
    result = np.empty(len(p))
    result[order] = np.minimum(adjusted, 1)
    return [float(value) for value in result]


def all_pairs(correct: dict[str, np.ndarray], kits: np.ndarray) -> list[Pair]:
    """Compare every pair of classifiers.

    correct: for each name, bool [n], whether clip i was classified correctly; kits: the kit of each clip [n].
    """
    counted = []
    for first, second in combinations(correct, 2):
        only_first = int(np.sum(correct[first] & ~correct[second]))
        only_second = int(np.sum(correct[second] & ~correct[first]))
        counted.append(
            (first, second, only_first, only_second, permutation_by_kit(correct[first], correct[second], kits))
        )
    adjusted = holm([row[-1] for row in counted])
    return [Pair(*row, value) for row, value in zip(counted, adjusted, strict=True)]
