"""Kernel distance: unbiased squared MMD with a Gaussian kernel, between generated and real sounds.

x are the embeddings of generated sounds [n, d], y those of real ones [m, d], float. A distance that can't be computed
raises NotMeasured with its reason instead of returning 0.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.spatial.distance import cdist, pdist

from drumspace.errors import NotMeasured

MIN_SOUNDS_FOR_INTERVAL = 10
"""Fewest sounds for an interval: resamples of fewer consist mostly of repeated sounds."""


def bandwidth(reference: np.ndarray) -> float:
    """Bandwidth σ of the kernel: median distance between two reference points [m, d] (Chung et al. 2025, KAD)."""
    if len(reference) < 2:
        raise NotMeasured(f"{len(reference)} reference sounds: a distance needs two")
    return float(np.median(pdist(reference)))


@dataclass(frozen=True)
class KernelMatrices:
    """Gaussian kernel matrices exp(-|a - b|² / 2σ²) within x, within y (both with a zero diagonal) and between them."""

    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray

    @classmethod
    def build(cls, x: np.ndarray, y: np.ndarray, sigma: float) -> Self:
        """Kernel matrices of points [n, d] and [m, d]. Raises NotMeasured for fewer than two points of either."""
        if len(x) < 2 or len(y) < 2:
            raise NotMeasured(f"{len(x)} sounds against {len(y)}: a kernel distance needs two of each")
        if not sigma > 0:
            raise NotMeasured("all reference sounds are one point")
        xx, yy, xy = (np.exp(-cdist(a, b, "sqeuclidean") / (2 * sigma**2)) for a, b in ((x, x), (y, y), (x, y)))
        np.fill_diagonal(xx, 0)
        np.fill_diagonal(yy, 0)
        return cls(xx, yy, xy)

    def distance(self) -> float:
        """Unbiased squared maximum mean discrepancy (Gretton et al. 2012, eq. 3): around 0 for equal distributions."""
        return float(self.distances(np.ones((1, len(self.xx))), np.ones((1, len(self.yy))))[0])

    def distances(self, counts_x: np.ndarray, counts_y: np.ndarray) -> np.ndarray:
        """Distances of b resamples, given how often each point is drawn: [b, n] and [b, m] → [b].

        A point that is drawn twice is not compared with itself. Such pairs would count as two equal sounds and move
        the resample farther from the reference than the sample is.
        """

        def within(kernel: np.ndarray, weight: np.ndarray) -> np.ndarray:
            pairs = weight.sum(axis=1) ** 2 - (weight**2).sum(axis=1)
            return ((weight @ kernel) * weight).sum(axis=1) / pairs

        between = ((counts_x @ self.xy) * counts_y).sum(axis=1) / (counts_x.sum(axis=1) * counts_y.sum(axis=1))
        return within(self.xx, counts_x) + within(self.yy, counts_y) - 2 * between

    def interval(self, resamples: int, seed: int) -> tuple[float, float]:
        """95 % interval by percentiles over bootstrap resamples of the points of both sets.

        It covers the sampling of sounds, not the choice of the reference's kits. Raises NotMeasured for few points.
        """
        if min(self.xy.shape) < MIN_SOUNDS_FOR_INTERVAL:
            raise NotMeasured(f"{min(self.xy.shape)} sounds: an interval needs {MIN_SOUNDS_FOR_INTERVAL}")
        rng = np.random.default_rng(seed)
        n, m = self.xy.shape
        counts_x = rng.multinomial(n, np.full(n, 1 / n), resamples).astype(np.float64)
        counts_y = rng.multinomial(m, np.full(m, 1 / m), resamples).astype(np.float64)
        low, high = np.percentile(self.distances(counts_x, counts_y), [2.5, 97.5])
        return float(low), float(high)


def kernel_distance(x: np.ndarray, y: np.ndarray, sigma: float) -> float:
    """Unbiased squared MMD between points [n, d] and [m, d]; see KernelMatrices."""
    return KernelMatrices.build(x, y, sigma).distance()
