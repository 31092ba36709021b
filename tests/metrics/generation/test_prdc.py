"""Precision, recall, density and coverage agree with a case worked out by hand."""

import numpy as np
import pytest

from drumspace.errors import NotMeasured
from drumspace.metrics.generation.prdc import prdc


def cloud(n: int, d: int, seed: int, mean: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """Normally distributed points: float [n, d]."""
    return np.random.default_rng(seed).normal(mean, scale, (n, d))


def test_prdc_agrees_with_a_case_by_hand() -> None:
    # Points on a line, k = 1. Real points 0, 1, 2, 10 have the radii 1, 1, 1, 8; generated ones 0.4, 30 have 29.6 each.
    metrics = prdc(np.array([[0.4], [30.0]]), np.array([[0.0], [1.0], [2.0], [10.0]]), k=1)
    # 0.4 lies in the balls of 0 and 1, and 30 in none. Every real point lies within 29.6 of a generated one.
    assert metrics == {"precision": 0.5, "recall": 1.0, "density": 1.0, "coverage": 0.5}


def test_collapse_lowers_coverage_but_not_precision() -> None:
    y = cloud(300, 8, 0)
    collapsed = np.repeat(y[:1], 300, axis=0)
    metrics = prdc(collapsed, y)
    assert metrics["precision"] == 1
    assert metrics["coverage"] < 0.1
    assert prdc(cloud(300, 8, 1), y)["coverage"] > 0.9


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: prdc(cloud(5, 2, 0), cloud(50, 2, 1)), "5 sounds against 50"),
    ],
)
def test_too_few_sounds_give_the_reason(call, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotMeasured, match=reason):
        call()
