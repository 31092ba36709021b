"""Principal components of a feature, fitted block by block: the feature of all clips may not fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

BLOCK = 1024


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
        """Fit to features [n, …], flattened; no more components than a block has rows or columns."""
        from sklearn.decomposition import IncrementalPCA

        first = next(blocks(features))
        pca = IncrementalPCA(min(components, *first.shape))
        for block in blocks(features):
            pca.partial_fit(block)
        return cls(pca.mean_.astype(np.float32), pca.components_.astype(np.float32))

    def project(self, features: np.ndarray) -> np.ndarray:
        """Principal components of features [n, …], float32 [n, components]."""
        return np.concatenate([(block - self.mean) @ self.axes.T for block in blocks(features)])
