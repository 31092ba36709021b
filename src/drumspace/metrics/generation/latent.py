"""What a latent space holds."""

import numpy as np

from drumspace.errors import NotMeasured

ACTIVE_NATS = 0.5
"""Mean KL of a unit that says something of its sound: variance of its mean over 0.01 is trivial under free bits."""


def kl_nats(mean: np.ndarray, log_variance: np.ndarray) -> np.ndarray:
    """KL(N(mean, e^log_variance) ‖ N(0, 1)) of each unit, averaged over sounds: [n, d], [n, d] → [d] (nats).

    Kingma and Welling 2014, appendix B.
    """
    if not len(mean):
        raise NotMeasured("no sound was encoded")
    return 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).mean(axis=0)


def active_units(nats: np.ndarray) -> int:
    """Units of mean KL [d] over half a nat."""
    return int((nats > ACTIVE_NATS).sum())


def path_ratio(points: np.ndarray) -> np.ndarray:
    """Length of each path [n, steps, d] over the straight line between its ends: 1 for a straight one, [n].

    NaN where the ends are one point.
    """
    steps = np.linalg.norm(np.diff(points, axis=1), axis=2).sum(axis=1)
    straight = np.linalg.norm(points[:, -1] - points[:, 0], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(straight > 0, steps / straight, np.nan)
