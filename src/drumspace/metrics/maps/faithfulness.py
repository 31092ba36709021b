"""Faithfulness of maps: trustworthiness, neighbour overlap and neighbour purity, from arrays of points."""

import numpy as np


def trustworthiness(high: np.ndarray, low: np.ndarray, k: int) -> float:
    """Trustworthiness in [0, 1]: whether neighbours on the map are near in the original space (Venna and Kaski 2001).

    high: original points [n, d]; low: map positions [n, m] of the same rows; k < n / 2. A random map has 0.5. Memory
    grows with n²: sample large sets first.
    """
    from sklearn import manifold

    return float(manifold.trustworthiness(high, low, n_neighbors=k))


def nearest(points: np.ndarray, k: int) -> np.ndarray:
    """Row numbers [n, k] of the k nearest other points of each point, the nearest first (Euclidean distance)."""
    from sklearn.neighbors import NearestNeighbors

    return np.asarray(NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False))


def neighbour_overlap(high: np.ndarray, low: np.ndarray) -> float:
    """Mean share of each point's k nearest neighbours that both spaces have in common. Row numbers [n, k] each."""
    shared = (high[:, :, None] == low[:, None, :]).any(axis=2)
    return float(shared.mean())


def neighbour_purity(points: np.ndarray, labels: np.ndarray, queried: np.ndarray, k: int) -> float | None:
    """Macro mean of the share of labelled neighbours that have a point's own class.

    points: [n, m]; labels: class indices [n], negative for none; queried: bool [n]. Each labelled queried point is
    compared with its k nearest labelled points that are not queried. Chance is 1 over the number of classes. None where
    there are fewer than k such neighbours, or no queried point.
    """
    from sklearn.neighbors import NearestNeighbors

    neighbours, queries = (labels >= 0) & ~queried, (labels >= 0) & queried
    if neighbours.sum() < k or not queries.any():
        return None
    finder = NearestNeighbors(n_neighbors=k).fit(points[neighbours])
    index = finder.kneighbors(points[queries], return_distance=False)
    same = labels[neighbours][index] == labels[queries][:, None]
    classes = labels[queries]
    return float(np.mean([same[classes == index].mean() for index in np.unique(classes)]))
