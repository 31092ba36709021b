"""Distances between clouds of points agree with formulas, and say no where they have nothing to say."""

import numpy as np
import pytest

from drumspace.errors import NotMeasured
from drumspace.metrics.generation.distribution import (
    FrechetSpace,
    Kernels,
    bandwidth,
    gaussian_frechet,
    kernel_distance,
    prdc,
)


def cloud(n: int, d: int, seed: int, mean: float = 0.0, scale: float = 1.0) -> np.ndarray:
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


def test_weights_are_copies_that_are_not_compared_with_themselves() -> None:
    x, y = cloud(6, 3, 0), cloud(7, 3, 1)
    kernels = Kernels.of(x, y, 1.0)
    weight = np.array([[2, 0, 1, 1, 1, 1]], dtype=float)
    drawn = np.array([0, 0, 2, 3, 4, 5])
    chosen, same = x[drawn], drawn[:, None] == drawn
    kernel = np.exp(-((chosen[:, None] - chosen[None]) ** 2).sum(-1) / 2)
    within = kernel[~same].mean()
    expected = within + kernels.yy.sum() / 42 - 2 * np.exp(-((chosen[:, None] - y[None]) ** 2).sum(-1) / 2).mean()
    assert kernels.distances(weight, np.ones((1, 7)))[0] == pytest.approx(expected, abs=1e-12)


def test_kernel_distance_of_one_distribution_is_around_zero_and_its_interval_holds_the_half() -> None:
    x, y = cloud(400, 8, 0), cloud(300, 8, 1)
    sigma = bandwidth(y)
    low, high = Kernels.of(x, y, sigma).interval(300, 0)
    assert abs(kernel_distance(x, y, sigma)) < 0.003
    assert low < 0.002 and high > -0.002 and high - low < 0.02
    # Two disjoint halves of one sample lie within each other's interval.
    halves = [Kernels.of(part, y, sigma) for part in (x[:200], x[200:])]
    for one, other in (halves, halves[::-1]):
        low, high = one.interval(300, 0)
        assert low <= other.distance() <= high


def test_kernel_distance_grows_with_the_shift() -> None:
    y = cloud(300, 8, 1)
    found = [kernel_distance(cloud(300, 8, 2, mean=shift), y, bandwidth(y)) for shift in (0, 0.2, 0.5, 1, 3)]
    assert found == sorted(found)
    assert found[-1] > 0.5


@pytest.mark.parametrize("d", [2, 10])
def test_frechet_of_gaussians_agrees_with_the_closed_form(d: int) -> None:
    # For commuting covariances: |μ|² + Σ (√a - √b)².
    a, b = np.linspace(1, 4, d), np.linspace(2, 0.5, d)
    shift = np.linspace(0, 1, d)
    expected = float((shift**2).sum() + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum())
    turn = np.linalg.qr(cloud(d, d, 3))[0]
    cov_a, cov_b = (turn @ np.diag(values) @ turn.T for values in (a, b))
    assert gaussian_frechet(np.zeros(d), cov_a, turn @ shift, cov_b) == pytest.approx(expected, rel=1e-9)
    # From samples, in the space of the reference: within 1 %.
    rng = np.random.default_rng(0)
    x = rng.multivariate_normal(np.zeros(d), cov_a, 200_000)
    y = rng.multivariate_normal(turn @ shift * 3, cov_b, 200_000)
    wanted = float(9 * (shift**2).sum() + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum())
    assert FrechetSpace(y).distance(x) == pytest.approx(wanted, rel=0.01)


def test_frechet_of_a_singular_covariance_is_finite() -> None:
    y = cloud(400, 6, 0)
    assert FrechetSpace(y).distance(np.repeat(y[:1], 50, axis=0)) == pytest.approx(6, rel=0.8)


def test_frechet_space_is_small_beside_its_reference() -> None:
    assert FrechetSpace(cloud(100, 512, 0)).dimensions == 25
    assert FrechetSpace(cloud(1000, 512, 0)).dimensions == 64


def test_extrapolation_takes_away_what_few_sounds_add() -> None:
    space = FrechetSpace(cloud(20_000, 16, 0))
    x = cloud(600, 16, 1)
    assert space.distance(x) > 0.1
    assert abs(space.at_infinity(x, 0)) < 0.4 * space.distance(x)
    with pytest.raises(NotMeasured, match="499 sounds"):
        space.at_infinity(x[:499], 0)


def test_prdc_by_hand() -> None:
    # On a line: real 0 1 2 10, k 1: radii 1 1 1 8; generated 0.4 30: radii 29.6 each.
    found = prdc(np.array([[0.4], [30.0]]), np.array([[0.0], [1.0], [2.0], [10.0]]), k=1)
    # 0.4 is in the balls of 0 and 1; 30 in none. Each real point but none is within 29.6 of a generated one.
    assert found == {"precision": 0.5, "recall": 1.0, "density": 1.0, "coverage": 0.5}


def test_collapse_costs_coverage_not_precision() -> None:
    y = cloud(300, 8, 0)
    collapsed = np.repeat(y[:1], 300, axis=0)
    found = prdc(collapsed, y)
    assert found["precision"] == 1
    assert found["coverage"] < 0.1
    assert prdc(cloud(300, 8, 1), y)["coverage"] > 0.9


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: prdc(cloud(5, 2, 0), cloud(50, 2, 1)), "5 sounds against 50"),
        (lambda: kernel_distance(cloud(1, 2, 0), cloud(50, 2, 1), 1.0), "1 sounds against 50"),
        (lambda: bandwidth(cloud(1, 2, 0)), "1 reference sounds"),
        (lambda: kernel_distance(cloud(5, 2, 0), np.zeros((5, 2)), 0.0), "one point"),
        (lambda: FrechetSpace(cloud(3, 2, 0)), "3 reference sounds"),
        (lambda: FrechetSpace(cloud(300, 64, 0)).distance(cloud(10, 64, 0)), "10 sounds in 64 dimensions"),
    ],
)
def test_too_few_sounds_have_no_figure(call, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotMeasured, match=reason):
        call()
