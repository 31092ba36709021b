"""The Fréchet distance agrees with the closed form, and raises for too few sounds."""

import numpy as np
import pytest

from drumspace.errors import NotMeasured
from drumspace.metrics.generation.frechet import FrechetSpace, gaussian_frechet


def cloud(n: int, d: int, seed: int, mean: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """Normally distributed points: float [n, d]."""
    return np.random.default_rng(seed).normal(mean, scale, (n, d))


@pytest.mark.parametrize("d", [2, 10])
def test_frechet_of_gaussians_agrees_with_the_closed_form(d: int) -> None:
    # For commuting covariances: |μ|² + Σ (√a - √b)².
    a, b = np.linspace(1, 4, d), np.linspace(2, 0.5, d)
    shift = np.linspace(0, 1, d)
    expected = float((shift**2).sum() + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum())
    rotation = np.linalg.qr(cloud(d, d, 3))[0]
    cov_a, cov_b = (rotation @ np.diag(values) @ rotation.T for values in (a, b))
    assert gaussian_frechet(np.zeros(d), cov_a, rotation @ shift, cov_b) == pytest.approx(expected, rel=1e-9)
    # The distance estimated from samples, in the space of the reference, agrees within 1 %.
    rng = np.random.default_rng(0)
    x = rng.multivariate_normal(np.zeros(d), cov_a, 200_000)
    y = rng.multivariate_normal(rotation @ shift * 3, cov_b, 200_000)
    expected_shifted = float(9 * (shift**2).sum() + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum())
    assert FrechetSpace(y).distance(x) == pytest.approx(expected_shifted, rel=0.01)


def test_frechet_of_a_singular_covariance_is_finite() -> None:
    y = cloud(400, 6, 0)
    assert FrechetSpace(y).distance(np.repeat(y[:1], 50, axis=0)) == pytest.approx(6, rel=0.8)


def test_frechet_space_is_smaller_than_its_reference() -> None:
    assert FrechetSpace(cloud(100, 512, 0)).dimensions == 25
    assert FrechetSpace(cloud(1000, 512, 0)).dimensions == 64


def test_extrapolation_removes_the_bias_of_small_samples() -> None:
    space = FrechetSpace(cloud(20_000, 16, 0))
    x = cloud(600, 16, 1)
    assert space.distance(x) > 0.1
    assert abs(space.at_infinity(x, 0)) < 0.4 * space.distance(x)
    with pytest.raises(NotMeasured, match="499 sounds"):
        space.at_infinity(x[:499], 0)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: FrechetSpace(cloud(3, 2, 0)), "3 reference sounds"),
        (lambda: FrechetSpace(cloud(300, 64, 0)).distance(cloud(10, 64, 0)), "10 sounds in 64 dimensions"),
    ],
)
def test_too_few_sounds_give_the_reason(call, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotMeasured, match=reason):
        call()
