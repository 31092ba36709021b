"""How faithful a map is to the space it was made from, from arrays of points."""

import numpy as np


def trustworthiness(high: np.ndarray, low: np.ndarray, k: int) -> float:
    """Whether neighbours on the map were near before, 0 to 1 (Venna and Kaski 2001); a random map is at 0.5.

    high: [n, d], low: [n, m], rows alike; k < n / 2. Takes memory for n² distances: sample large sets first.
    """
    from sklearn import manifold

    return float(manifold.trustworthiness(high, low, n_neighbors=k))


def nearest(points: np.ndarray, k: int) -> np.ndarray:
    """Row numbers [n, k] of the k nearest other points of each, by Euclidean distance, the nearest first."""
    from sklearn.neighbors import NearestNeighbors

    return np.asarray(NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False))


def neighbour_overlap(high: np.ndarray, low: np.ndarray) -> float:
    """The share of each point's k nearest that are among its k nearest in the other space. Row numbers [n, k] each."""
    shared = (high[:, :, None] == low[:, None, :]).any(axis=2)
    return float(shared.mean())


def neighbour_purity(points: np.ndarray, labels: np.ndarray, asked: np.ndarray, k: int) -> float | None:
    """How often a labelled neighbour is of one's own class: mean over the points asked, then over their classes.

    points: [n, m]; labels: class indices [n], negative for none; asked: bool [n]. Each labelled point that is asked is
    held against its k nearest labelled points that are not. Chance is 1 over the number of classes; None where fewer
    than k points can answer, or none is asked.
    """
    from sklearn.neighbors import NearestNeighbors

    answering, asking = (labels >= 0) & ~asked, (labels >= 0) & asked
    if answering.sum() < k or not asking.any():
        return None
    finder = NearestNeighbors(n_neighbors=k).fit(points[answering])
    index = finder.kneighbors(points[asking], return_distance=False)
    same = labels[answering][index] == labels[asking][:, None]
    classes = labels[asking]
    return float(np.mean([same[classes == index].mean() for index in np.unique(classes)]))
