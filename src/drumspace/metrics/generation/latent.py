"""Metrics of a latent space: active units and the length of interpolation paths."""

import numpy as np

ACTIVE_KL = 0.5
"""Mean KL of an active unit (nats). The usual test, variance of the posterior mean over 0.01, passes nearly every unit
where free bits keep each one's KL above zero."""


def active_units(kl: np.ndarray) -> int:
    """Number of latent dimensions whose mean KL [d] (nats) is over ACTIVE_KL."""
    return int((kl > ACTIVE_KL).sum())


def path_ratio(points: np.ndarray) -> np.ndarray:
    """Length of each path [n, steps, d] over the distance between its ends: 1 for a straight path → [n].

    NaN where both ends are the same point.
    """
    steps = np.linalg.norm(np.diff(points, axis=1), axis=2).sum(axis=1)
    straight = np.linalg.norm(points[:, -1] - points[:, 0], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(straight > 0, steps / straight, np.nan)
