"""Novelty and diversity of generated sounds: distances between points [n, d] in the embedding of a judge."""

import numpy as np
from scipy.spatial.distance import cdist, pdist

from drumspace.errors import NotMeasured


def nearest(points: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row of the nearest of `others` [m, d] for each point [n, d], and its distance: int [n], float [n]."""
    if not len(points) or not len(others):
        raise NotMeasured(f"{len(points)} sounds and {len(others)}: none to compare")
    distance = cdist(points, others)
    rows = distance.argmin(axis=1)
    return rows, distance[np.arange(len(points)), rows]


def novelty(generated: np.ndarray, trained_on: np.ndarray, unseen: np.ndarray) -> float:
    """Median distance from generated sounds to the nearest training clip, over the same of unseen real clips.

    About 1: as far from the training clips as other people's drums. Far below 1: training clips reproduced.
    """
    base = float(np.median(nearest(unseen, trained_on)[1]))
    if base == 0:
        raise NotMeasured("unseen real clips are training clips")
    return float(np.median(nearest(generated, trained_on)[1])) / base


def spread(generated: np.ndarray, real: np.ndarray) -> float:
    """Mean distance between two generated sounds over that between two real ones: 0 where all are one sound."""
    if len(generated) < 2 or len(real) < 2:
        raise NotMeasured(f"{len(generated)} sounds and {len(real)}: a distance within a set needs two of each")
    return float(pdist(generated).mean() / pdist(real).mean())
