"""The kernel distance agrees with the sum over all pairs, and raises for too few sounds."""

import numpy as np
import pytest

from drumspace.errors import NotMeasured
from drumspace.metrics.generation.kernel_distance import KernelMatrices, bandwidth, kernel_distance


def cloud(n: int, d: int, seed: int, mean: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """Normally distributed points: float [n, d]."""
    return np.random.default_rng(seed).normal(mean, scale, (n, d))


def mmd_by_loops(x: np.ndarray, y: np.ndarray, sigma: float) -> float:
    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.exp(-((a - b) ** 2).sum() / (2 * sigma**2)))

    n, m = len(x), len(y)
    among_x = sum(kernel(x[i], x[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    among_y = sum(kernel(y[i], y[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    between = sum(kernel(a, b) for a in x for b in y) / (n * m)
    return among_x + among_y - 2 * between


def test_kernel_distance_agrees_with_the_sum_over_all_pairs() -> None:
    x, y = cloud(23, 5, 0), cloud(31, 5, 1, mean=0.4)
    sigma = bandwidth(y)
    assert kernel_distance(x, y, sigma) == pytest.approx(mmd_by_loops(x, y, sigma), abs=1e-9)


def test_weights_equal_copies_that_are_not_compared_with_themselves() -> None:
    x, y = cloud(6, 3, 0), cloud(7, 3, 1)
    kernels = KernelMatrices.build(x, y, 1.0)
    weight = np.array([[2, 0, 1, 1, 1, 1]], dtype=float)
    indices = np.array([0, 0, 2, 3, 4, 5])
    chosen, same = x[indices], indices[:, None] == indices
    kernel = np.exp(-((chosen[:, None] - chosen[None]) ** 2).sum(-1) / 2)
    within = kernel[~same].mean()
    expected = within + kernels.yy.sum() / 42 - 2 * np.exp(-((chosen[:, None] - y[None]) ** 2).sum(-1) / 2).mean()
    assert kernels.distances(weight, np.ones((1, 7)))[0] == pytest.approx(expected, abs=1e-12)


def test_kernel_distance_of_one_distribution_is_near_zero() -> None:
    x, y = cloud(400, 8, 0), cloud(300, 8, 1)
    sigma = bandwidth(y)
    low, high = KernelMatrices.build(x, y, sigma).interval(300, 0)
    assert abs(kernel_distance(x, y, sigma)) < 0.003
    assert low < 0.002 and high > -0.002 and high - low < 0.02
    # The kernel distance of each half of a sample lies within the interval of the other half.
    halves = [KernelMatrices.build(part, y, sigma) for part in (x[:200], x[200:])]
    for one, other in (halves, halves[::-1]):
        low, high = one.interval(300, 0)
        assert low <= other.distance() <= high


def test_kernel_distance_grows_with_the_shift() -> None:
    y = cloud(300, 8, 1)
    distances = [kernel_distance(cloud(300, 8, 2, mean=shift), y, bandwidth(y)) for shift in (0, 0.2, 0.5, 1, 3)]
    assert distances == sorted(distances)
    assert distances[-1] > 0.5


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: kernel_distance(cloud(1, 2, 0), cloud(50, 2, 1), 1.0), "1 sounds against 50"),
        (lambda: bandwidth(cloud(1, 2, 0)), "1 reference sounds"),
        (lambda: kernel_distance(cloud(5, 2, 0), np.zeros((5, 2)), 0.0), "one point"),
    ],
)
def test_too_few_sounds_give_the_reason(call, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotMeasured, match=reason):
        call()
