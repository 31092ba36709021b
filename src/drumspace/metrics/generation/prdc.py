"""Precision, recall, density and coverage (PRDC) of generated sounds, from their embeddings."""

import numpy as np
from scipy.spatial.distance import cdist

from drumspace.errors import NotMeasured


def prdc(x: np.ndarray, y: np.ndarray, k: int = 5) -> dict[str, float]:
    """Precision, recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020), by name.

    x: generated points [n, d]; y: real points [m, d]. Around each point lies a ball whose radius is the distance to its
    k-th nearest neighbour. Precision: share of x inside a real point's ball. Density: mean number of such balls around
    a generated point, over k. Recall: share of y inside a generated point's ball. Coverage: share of real points whose
    ball contains a generated point. Raises NotMeasured for k points or fewer.
    """
    if min(len(x), len(y)) <= k:
        raise NotMeasured(f"{len(x)} sounds against {len(y)}: {k} neighbours need {k + 1} of each")
    # Each point is its own nearest neighbour, at position 0: the k-th other one is at position k.
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
