"""How near generated sounds are to real ones, as clouds of points in the embedding of a judge.

x are the generated points [n, d], y the real ones [m, d], float. What can't be computed raises NotMeasured with its
reason: a figure that stands for nothing must never stand as 0.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.spatial.distance import cdist, pdist

from drumspace.errors import NotMeasured

INTERVAL_FROM = 10
"""Sounds from which an interval is given: of fewer, resamples are one sound again and again."""
EXTRAPOLATED_FROM = 500
"""Sounds from which a Fréchet distance may be extrapolated to infinitely many."""
DRAWS = 16
"""Of each number of sounds behind an extrapolation: one draw says as much of itself as of the line."""
POINTS_A_DIMENSION = 4
"""Reference points for each dimension of the space of a Fréchet distance: fewer give no covariance to speak of."""


def bandwidth(reference: np.ndarray) -> float:
    """σ of the kernel: the median distance between two of the reference points [m, d] (Chung et al. 2025, KAD)."""
    if len(reference) < 2:
        raise NotMeasured(f"{len(reference)} reference sounds: a distance needs two")
    return float(np.median(pdist(reference)))


@dataclass(frozen=True)
class Kernels:
    """Gaussian kernels exp(-|a - b|² / 2σ²) among x, among y and between: the first two with an empty diagonal."""

    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, sigma: float) -> Self:
        """Of points [n, d] and [m, d]."""
        if len(x) < 2 or len(y) < 2:
            raise NotMeasured(f"{len(x)} sounds against {len(y)}: a kernel distance needs two of each")
        if not sigma > 0:
            raise NotMeasured("all reference sounds are one point")
        xx, yy, xy = (np.exp(-cdist(a, b, "sqeuclidean") / (2 * sigma**2)) for a, b in ((x, x), (y, y), (x, y)))
        np.fill_diagonal(xx, 0)
        np.fill_diagonal(yy, 0)
        return cls(xx, yy, xy)

    def distance(self) -> float:
        """Squared maximum mean discrepancy, unbiased (Gretton et al. 2012, eq. 3): around 0 for one distribution."""
        return float(self.distances(np.ones((1, len(self.xx))), np.ones((1, len(self.yy))))[0])

    def distances(self, of_x: np.ndarray, of_y: np.ndarray) -> np.ndarray:
        """The same for points counted so many times: [b, n] and [b, m] → [b].

        A point drawn twice is not compared with itself: that would count as two equal sounds, and a resample
        would lie farther from the reference than the sample.
        """

        def among(kernel: np.ndarray, weight: np.ndarray) -> np.ndarray:
            pairs = weight.sum(axis=1) ** 2 - (weight**2).sum(axis=1)
            return ((weight @ kernel) * weight).sum(axis=1) / pairs

        between = ((of_x @ self.xy) * of_y).sum(axis=1) / (of_x.sum(axis=1) * of_y.sum(axis=1))
        return among(self.xx, of_x) + among(self.yy, of_y) - 2 * between

    def interval(self, resamples: int, seed: int) -> tuple[float, float]:
        """95 % interval by percentiles over resamples of both sides, sound by sound.

        It covers the luck of which sounds were drawn, not of which kits the reference has.
        """
        if min(self.xy.shape) < INTERVAL_FROM:
            raise NotMeasured(f"{min(self.xy.shape)} sounds: an interval needs {INTERVAL_FROM}")
        rng = np.random.default_rng(seed)
        n, m = self.xy.shape
        of_x = rng.multinomial(n, np.full(n, 1 / n), resamples).astype(np.float64)
        of_y = rng.multinomial(m, np.full(m, 1 / m), resamples).astype(np.float64)
        low, high = np.percentile(self.distances(of_x, of_y), [2.5, 97.5])
        return float(low), float(high)


def kernel_distance(x: np.ndarray, y: np.ndarray, sigma: float) -> float:
    """Unbiased squared MMD between points [n, d] and [m, d]; see Kernels."""
    return Kernels.of(x, y, sigma).distance()


def gaussian_frechet(mean_x: np.ndarray, cov_x: np.ndarray, mean_y: np.ndarray, cov_y: np.ndarray) -> float:
    """|μx - μy|² + tr(Cx + Cy - 2 (Cx½ Cy Cx½)½), the squared 2-Wasserstein distance of two Gaussians.

    Dowson and Landau 1982. By eigenvalues of symmetric matrices, which stay real where a covariance is singular.
    """
    values, vectors = np.linalg.eigh(cov_x)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cov_y @ root), 0, None)).sum()
    return float(((mean_x - mean_y) ** 2).sum() + np.trace(cov_x) + np.trace(cov_y) - 2 * cross)


class FrechetSpace:
    """PcaInit components of the reference, few enough for a well-conditioned covariance, and its Gaussian there."""

    def __init__(self, reference: np.ndarray, components: int = 64) -> None:
        """`reference` [m, d]; at most `components` dimensions, and a quarter of m."""
        from sklearn.decomposition import PCA

        dimensions = min(components, reference.shape[1], len(reference) // POINTS_A_DIMENSION)
        if dimensions < 1:
            raise NotMeasured(f"{len(reference)} reference sounds: a covariance needs {POINTS_A_DIMENSION} at least")
        self._pca = PCA(dimensions, svd_solver="full").fit(reference.astype(np.float64))
        self.dimensions = dimensions
        points = self._pca.transform(reference.astype(np.float64))
        self._mean, self._cov = points.mean(axis=0), _covariance(points)

    def distance(self, x: np.ndarray) -> float:
        """Fréchet distance of points [n, d] to the reference; FAD where these are sounds (Kilgour et al. 2019)."""
        return self._of(self._points(x))

    def at_infinity(self, x: np.ndarray, seed: int, sizes: int = 8) -> float:
        """The same extrapolated to infinitely many sounds (Chong and Forsyth 2020): it falls with 1/n, on a line.

        The reference stays as large as it is: what its own number adds is the same for all, and stays.
        """
        if len(x) < EXTRAPOLATED_FROM:
            raise NotMeasured(f"{len(x)} sounds: to extrapolate, {EXTRAPOLATED_FROM} are needed")
        points = self._points(x)
        rng = np.random.default_rng(seed)
        counts = np.repeat(np.linspace(len(x) / 4, len(x), sizes).astype(int), DRAWS)
        found = [self._of(points[rng.permutation(len(x))[:count]]) for count in counts]
        return float(np.polyfit(1 / counts, found, 1)[1])

    def _points(self, x: np.ndarray) -> np.ndarray:
        if len(x) <= self.dimensions:
            raise NotMeasured(f"{len(x)} sounds in {self.dimensions} dimensions have no covariance")
        return self._pca.transform(x.astype(np.float64))

    def _of(self, points: np.ndarray) -> float:
        return gaussian_frechet(points.mean(axis=0), _covariance(points), self._mean, self._cov)


def _covariance(points: np.ndarray) -> np.ndarray:
    return np.cov(points, rowvar=False).reshape(points.shape[1], points.shape[1])


def prdc(x: np.ndarray, y: np.ndarray, k: int = 5) -> dict[str, float]:
    """precision, recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020).

    precision: share of x within the ball of a real point, whose radius reaches its k-th neighbour; density: in how
    many such balls, over k; recall: share of y within the ball of a generated point; coverage: share of real balls
    that hold a generated point.
    """
    if min(len(x), len(y)) <= k:
        raise NotMeasured(f"{len(x)} sounds against {len(y)}: {k} neighbours need {k + 1} of each")
    # A point is its own nearest neighbour: the k-th other one is at position k.
    radius_y = np.partition(cdist(y, y), k, axis=1)[:, k]
    radius_x = np.partition(cdist(x, x), k, axis=1)[:, k]
    between = cdist(x, y)
    in_real = between <= radius_y
    return {
        "precision": float(in_real.any(axis=1).mean()),
        "recall": float((between <= radius_x[:, None]).any(axis=0).mean()),
        "density": float(in_real.sum(axis=1).mean() / k),
        "coverage": float(in_real.any(axis=0).mean()),
    }
