"""The real sounds that generated ones are held against, as one judge hears them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from drumspace.metrics.generation.distribution import bandwidth

Hear = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""A judge: float32 [n, num_samples] → its embedding [n, d] and probabilities [n, classes]."""
Rows = Callable[[], Iterable[np.ndarray]]
"""Gives clips block by block, float32 [b, num_samples]."""


@dataclass(frozen=True)
class Reference:
    """One judge's view of the real sounds."""

    hear: Hear
    points: np.ndarray
    """float [m, d]: the reference's, whose kits no generator has trained on."""
    labels: np.ndarray
    """int [m]: class indices."""
    trained_on: np.ndarray
    """float [t, d]: clips that generators trained on."""
    answers: np.ndarray
    """int [m]: the classes that it hears in the reference."""
    sigma: float

    @classmethod
    def of(cls, hear: Hear, real: Rows, trained_on: Rows, labels: np.ndarray) -> "Reference":
        """From blocks of waves; `labels` are the real ones'. Raises NotMeasured where they are too few."""
        points, probabilities = heard_in(real, hear)
        trained, _ = heard_in(trained_on, hear)
        return cls(hear, points, labels, trained, probabilities.argmax(axis=1), bandwidth(points))


def heard_in(blocks: Rows, hear: Hear) -> tuple[np.ndarray, np.ndarray]:
    """What a judge hears in all of them, a block in memory at a time."""
    heard = [hear(block) for block in blocks()]
    return np.concatenate([points for points, _ in heard]), np.concatenate([answers for _, answers in heard])


def counts_like(labels: np.ndarray, total: int, n_classes: int) -> np.ndarray:
    """int [classes] of sum `total`, in the proportions of `labels`, by the largest remainders."""
    share = np.bincount(labels, minlength=n_classes) / len(labels) * total
    counts = np.floor(share).astype(np.int64)
    largest = np.argsort(counts - share, kind="stable")[: total - counts.sum()]
    counts[largest] += 1
    return counts


def balanced_rows(rows: np.ndarray, labels: np.ndarray, per_class: int, seed: int) -> np.ndarray:
    """At most `per_class` of the rows [n] of each class, sorted; `labels` int [n]."""
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(rows[labels == index])[:per_class] for index in np.unique(labels)]
    return np.sort(np.concatenate(chosen)) if chosen else rows[:0]
