"""One space of several features, and of how a clip differs from the others of its kit."""

import numpy as np

from drumspace.maps.components import blocks

SMALL_KIT = 4.0
"""Clips a kit: the mean of a kit of so many counts half, that of a larger one more."""


def pooled(feature: np.ndarray, segments: int) -> np.ndarray:
    """float32 [n, d] of [n, d], or of [n, bins, frames]: means over segments in time, d = bins x segments.

    Each segment is longer than the last by the same factor: a drum changes fastest at its onset.
    """
    if feature.ndim == 2:
        return np.asarray(feature, dtype=np.float32)
    _, bins, frames = feature.shape
    edges = np.unique(np.geomspace(1, frames + 1, min(segments, frames) + 1).round().astype(int)) - 1
    widths = np.diff(edges)
    parts = []
    for block in blocks(feature):
        sums = np.add.reduceat(block.reshape(-1, bins, frames), edges[:-1], axis=2)
        parts.append((sums / widths).reshape(len(block), -1))
    return np.concatenate(parts).astype(np.float32)


def fuse_features(
    features: list[np.ndarray], segments: int, components: int, kits: np.ndarray, seed: int
) -> np.ndarray:
    """float32 [n, up to 2 x components] of features [n, …] of the same clips; labels have no part in it.

    Each is pooled, standardised, and weighed so that all count alike; then principal components, and beside them the
    same less the mean of the clip's kit (kits: [n]): a kit's own level, room and converter are no drum's.
    """
    from sklearn.decomposition import PCA

    parts = []
    for feature in features:
        values = pooled(feature, segments)
        values = (values - values.mean(axis=0)) / (values.std(axis=0) + 1e-6)
        parts.append(values / np.sqrt(values.shape[1]))
    together = np.concatenate(parts, axis=1)
    count = min(components, *together.shape)
    points = PCA(count, svd_solver="randomized", random_state=seed).fit_transform(together)
    return np.concatenate([points, within_kit(points, kits)], axis=1).astype(np.float32)


def within_kit(points: np.ndarray, kits: np.ndarray) -> np.ndarray:
    """Points [n, d] less the mean of their kit, which is drawn towards the mean of all where the kit is small."""
    names, of_point, sizes = np.unique(kits, return_inverse=True, return_counts=True)
    sums = np.zeros((len(names), points.shape[1]))
    np.add.at(sums, of_point, points)
    means = sums / (sizes + SMALL_KIT)[:, None]
    return points - means[of_point]
