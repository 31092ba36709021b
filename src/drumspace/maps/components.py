"""Principal components of a feature, fitted block by block: the feature of all clips may not fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

BLOCK = 1024
OVERSAMPLES, ITERATIONS = 30, 5
"""Directions beyond those asked for, and steps of the power method."""


def blocks(features: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of [n, …] in equal blocks of about BLOCK rows, flattened to float32 [b, d]."""
    count = max(1, round(len(features) / BLOCK))
    for rows in np.array_split(np.arange(len(features)), count):
        yield np.asarray(features[rows], dtype=np.float32).reshape(len(rows), -1)


@dataclass(frozen=True)
class Components:
    """Mean and principal axes of a feature; a projection is (feature - mean) @ axes.T."""

    mean: np.ndarray
    """float32 [d]."""
    axes: np.ndarray
    """float32 [components, d]."""

    @classmethod
    def fit(cls, features: np.ndarray, components: int) -> "Components":
        """Fit to features [n, …], flattened: at most n or d components, by decreasing variance.

        Subspace iteration from random directions (Halko, Martinsson and Tropp 2011, algorithm 4.4), whose products with
        the features are formed block by block.
        """
        mean = sum(block.sum(axis=0, dtype=np.float64) for block in blocks(features)) / len(features)
        mean = mean.astype(np.float32)
        axes = np.random.default_rng(0).standard_normal((components + OVERSAMPLES, len(mean)), dtype=np.float32).T
        axes = axes[:, : min(len(features), len(mean))]
        for _ in range(ITERATIONS):
            # One step of the power method on all directions at once: the covariance times `axes`, block by block.
            axes, _ = np.linalg.qr(sum((block - mean).T @ ((block - mean) @ axes) for block in blocks(features)))
        projected = np.concatenate([(block - mean) @ axes for block in blocks(features)])
        _, _, rotation = np.linalg.svd(projected, full_matrices=False)
        axes = (rotation[:components] @ axes.T).astype(np.float32)
        signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])  # an axis and its negative are equal
        return cls(mean, axes * signs[:, None])

    def project(self, features: np.ndarray) -> np.ndarray:
        """Principal components of features [n, …], float32 [n, components]."""
        return np.concatenate([(block - self.mean) @ self.axes.T for block in blocks(features)])
