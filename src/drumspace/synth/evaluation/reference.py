"""The reference: real clips with which generated sounds are compared, in the embedding of one judge."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from drumspace.metrics.generation.kernel_distance import bandwidth

EmbedAndPredict = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""A judge: waves float32 [n, num_samples] → embeddings [n, d] and class probabilities [n, classes]."""
Blocks = Callable[[], Iterable[np.ndarray]]
"""Yields clips block by block, float32 [b, num_samples]."""


@dataclass(frozen=True)
class Reference:
    """Embeddings of the reference and of the training clips by one judge."""

    embed_and_predict: EmbedAndPredict
    points: np.ndarray
    """float [m, d]: embeddings of the reference clips; no generator was trained on their kits."""
    labels: np.ndarray
    """int [m]: class indices."""
    trained_on: np.ndarray
    """float [t, d]: embeddings of the generators' training clips."""
    predicted: np.ndarray
    """int [m]: classes that the judge predicts for the reference clips."""
    sigma: float
    """Bandwidth of the kernel distance."""

    @classmethod
    def build(cls, judge: EmbedAndPredict, real: Blocks, trained_on: Blocks, labels: np.ndarray) -> "Reference":
        """Embed the reference clips, of classes `labels`, and the training clips. Raises NotMeasured for too few."""
        points, probabilities = embed_blocks(real, judge)
        trained, _ = embed_blocks(trained_on, judge)
        return cls(judge, points, labels, trained, probabilities.argmax(axis=1), bandwidth(points))


def embed_blocks(blocks: Blocks, judge: EmbedAndPredict) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings and probabilities of all blocks, of which one is in memory at a time."""
    results = [judge(block) for block in blocks()]
    return np.concatenate([points for points, _ in results]), np.concatenate([probs for _, probs in results])


def counts_like(labels: np.ndarray, total: int, n_classes: int) -> np.ndarray:
    """Counts per class, int [classes] of sum `total`, in the proportions of `labels`, by the largest remainders."""
    share = np.bincount(labels, minlength=n_classes) / len(labels) * total
    counts = np.floor(share).astype(np.int64)
    largest = np.argsort(counts - share, kind="stable")[: total - counts.sum()]
    counts[largest] += 1
    return counts


def balanced_rows(rows: np.ndarray, labels: np.ndarray, per_class: int, seed: int) -> np.ndarray:
    """Draw at most `per_class` of the rows [n] of each class, sorted; labels: int [n]."""
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(rows[labels == index])[:per_class] for index in np.unique(labels)]
    return np.sort(np.concatenate(chosen)) if chosen else rows[:0]
