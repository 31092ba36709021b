"""Fusion of several features into one space, with each clip's difference from the mean of its kit."""

import numpy as np

from drumspace.maps.components import blocks

SMALL_KIT = 4.0
"""Prior weight of the mean of all clips, in clips: a kit of this size is centred by half of its mean."""


def pool_segments(feature: np.ndarray, segments: int) -> np.ndarray:
    """Means over time segments: [n, bins, frames] → float32 [n, bins x segments]; [n, d] is returned as float32.

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
    """Fuse features [n, …] of the same clips without their labels → float32 [n, at most 2 x components].

    Each feature is averaged over time segments, standardised and scaled to the same total variance. The result is the
    principal components, followed by the same minus the mean of the clip's kit (kits: [n]), which removes the level,
    room and converter that the sounds of a kit share.
    """
    from sklearn.decomposition import PCA

    parts = []
    for feature in features:
        values = pool_segments(feature, segments)
        values = (values - values.mean(axis=0)) / (values.std(axis=0) + 1e-6)
        parts.append(values / np.sqrt(values.shape[1]))
    scaled = np.concatenate(parts, axis=1)
    count = min(components, *scaled.shape)
    points = PCA(count, svd_solver="randomized", random_state=seed).fit_transform(scaled)
    return np.concatenate([points, subtract_kit_mean(points, kits)], axis=1).astype(np.float32)


def without_kit_means(fused: np.ndarray) -> np.ndarray:
    """The half of the fused features [n, 2 x d] that needs no other file of the kit: [n, d]."""
    return fused[:, : fused.shape[1] // 2]


def subtract_kit_mean(points: np.ndarray, kits: np.ndarray) -> np.ndarray:
    """Points [n, d] minus the mean of their kit, which shrinks to 0, the mean of all points, for small kits."""
    names, kit_index, sizes = np.unique(kits, return_inverse=True, return_counts=True)
    sums = np.zeros((len(names), points.shape[1]))
    np.add.at(sums, kit_index, points)
    means = sums / (sizes + SMALL_KIT)[:, None]
    return points - means[kit_index]
