"""Fréchet distance (FAD) between generated and real sounds, from their embeddings.

x are the embeddings of generated sounds [n, d], float. A distance that can't be computed raises NotMeasured.
"""

import numpy as np

from drumspace.errors import NotMeasured

MIN_SOUNDS_TO_EXTRAPOLATE = 500
"""Fewest sounds from which the distance is extrapolated to infinitely many."""
REPEATS = 16
"""Random subsets of each size behind an extrapolation: the distance of a single subset is too noisy for a line."""
POINTS_PER_DIMENSION = 4
"""Reference points for each dimension of the space: fewer give no usable covariance."""


def gaussian_frechet(mean_x: np.ndarray, cov_x: np.ndarray, mean_y: np.ndarray, cov_y: np.ndarray) -> float:
    """Squared 2-Wasserstein distance of two Gaussians: |μx - μy|² + tr(Cx + Cy - 2 (Cx½ Cy Cx½)½).

    Dowson and Landau 1982. Means [d], covariances [d, d]. Computed from eigenvalues of symmetric matrices, which are
    real even where a covariance is singular.
    """
    values, vectors = np.linalg.eigh(cov_x)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cov_y @ root), 0, None)).sum()
    return float(((mean_x - mean_y) ** 2).sum() + np.trace(cov_x) + np.trace(cov_y) - 2 * cross)


class FrechetSpace:
    """Gaussian of the reference in few enough of its principal components for a well-conditioned covariance."""

    def __init__(self, reference: np.ndarray, components: int = 64) -> None:
        """Fit to `reference` [m, d]: at most `components` dimensions, and at most m / 4. NotMeasured for m < 4."""
        dimensions = min(components, reference.shape[1], len(reference) // POINTS_PER_DIMENSION)
        if dimensions < 1:
            raise NotMeasured(f"{len(reference)} reference sounds: a covariance needs {POINTS_PER_DIMENSION} at least")
        from sklearn.decomposition import PCA

        self._pca = PCA(dimensions, svd_solver="full").fit(reference.astype(np.float64))
        self.dimensions = dimensions
        points = self._pca.transform(reference.astype(np.float64))
        self._mean, self._cov = points.mean(axis=0), _covariance(points)

    def distance(self, x: np.ndarray) -> float:
        """Fréchet distance of points [n, d] to the reference: FAD for embeddings of sounds (Kilgour et al. 2019)."""
        return self._distance(self._project(x))

    def at_infinity(self, x: np.ndarray, seed: int, sizes: int = 8) -> float:
        """Fréchet distance extrapolated to infinitely many points, by a line over 1 / n (Chong and Forsyth 2020).

        The reference keeps its size: the bias that its number of points adds is the same for all sets and remains.
        """
        if len(x) < MIN_SOUNDS_TO_EXTRAPOLATE:
            raise NotMeasured(f"{len(x)} sounds: to extrapolate, {MIN_SOUNDS_TO_EXTRAPOLATE} are needed")
        points = self._project(x)
        rng = np.random.default_rng(seed)
        counts = np.repeat(np.linspace(len(x) / 4, len(x), sizes).astype(int), REPEATS)
        distances = [self._distance(points[rng.permutation(len(x))[:count]]) for count in counts]
        return float(np.polyfit(1 / counts, distances, 1)[1])

    def _project(self, x: np.ndarray) -> np.ndarray:
        if len(x) <= self.dimensions:
            raise NotMeasured(f"{len(x)} sounds in {self.dimensions} dimensions have no covariance")
        return self._pca.transform(x.astype(np.float64))

    def _distance(self, points: np.ndarray) -> float:
        return gaussian_frechet(points.mean(axis=0), _covariance(points), self._mean, self._cov)


def _covariance(points: np.ndarray) -> np.ndarray:
    return np.cov(points, rowvar=False).reshape(points.shape[1], points.shape[1])
