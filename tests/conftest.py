"""Fixtures that several packages use."""

import numpy as np
import pytest


def clusters(per_class: int, seed: int, spread: float = 0.3, dims: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Three clouds (classes 0, 1, 2) around corners 4 apart: float32 [n, dims] and int [n]."""
    rng = np.random.default_rng(seed)
    labels = np.arange(3 * per_class) % 3
    points = rng.standard_normal((3 * per_class, dims)) * spread
    points[np.arange(len(points)), labels] += 4
    return points.astype(np.float32), labels


@pytest.fixture
def three_clouds() -> tuple[np.ndarray, np.ndarray]:
    """40 points a class."""
    return clusters(40, 0)
