"""A feature's principal components, fitted a block at a time: a feature of all clips need not fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

BLOCK = 1024


def blocks(features: np.ndarray) -> Iterator[np.ndarray]:
    """Rows of [n, …], flattened to float32 [b, d], BLOCK at a time and at the end no fewer than half of it."""
    count = max(1, round(len(features) / BLOCK))
    for rows in np.array_split(np.arange(len(features)), count):
        yield np.asarray(features[rows], dtype=np.float32).reshape(len(rows), -1)


@dataclass(frozen=True)
class Components:
    """mean and axes: points are (feature - mean) @ axes.T."""

    mean: np.ndarray
    """float32 [d]."""
    axes: np.ndarray
    """float32 [components, d]."""

    @classmethod
    def fit(cls, features: np.ndarray, components: int) -> "Components":
        """Of [n, …], flattened, a block at a time; as many components as asked for, points and dimensions allow."""
        from sklearn.decomposition import IncrementalPCA

        first = next(blocks(features))
        pca = IncrementalPCA(min(components, *first.shape))
        for block in blocks(features):
            pca.partial_fit(block)
        return cls(pca.mean_.astype(np.float32), pca.components_.astype(np.float32))

    def points(self, features: np.ndarray) -> np.ndarray:
        """float32 [n, components] of [n, …]."""
        return np.concatenate([(block - self.mean) @ self.axes.T for block in blocks(features)])
