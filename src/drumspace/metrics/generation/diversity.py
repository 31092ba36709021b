"""How new sounds are, and how unlike each other: distances between points [n, d] in the embedding of a judge."""

import numpy as np
from scipy.spatial.distance import cdist, pdist

from drumspace.errors import NotMeasured


def nearest(points: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which of others [m, d] is nearest to each point [n, d], and how far it is: int [n], float [n]."""
    if not len(points) or not len(others):
        raise NotMeasured(f"{len(points)} sounds beside {len(others)}: none to compare")
    distance = cdist(points, others)
    place = distance.argmin(axis=1)
    return place, distance[np.arange(len(points)), place]


def novelty(made: np.ndarray, trained_on: np.ndarray, unseen: np.ndarray) -> float:
    """Median distance of made sounds to the nearest training clip, over that of unseen real clips.

    About 1: as new as other people's drums. Far below: training clips again.
    """
    base = float(np.median(nearest(unseen, trained_on)[1]))
    if base == 0:
        raise NotMeasured("unseen real clips are training clips")
    return float(np.median(nearest(made, trained_on)[1])) / base


def spread(made: np.ndarray, real: np.ndarray) -> float:
    """Mean distance between two made sounds over that between two real ones: 0 where all are one sound."""
    if len(made) < 2 or len(real) < 2:
        raise NotMeasured(f"{len(made)} sounds beside {len(real)}: a distance among them needs two of each")
    return float(pdist(made).mean() / pdist(real).mean())
