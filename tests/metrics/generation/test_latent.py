"""Figures of latent spaces, control and diversity on cases worked out by hand."""

import numpy as np
import pytest

from drumspace.errors import NotMeasured
from drumspace.metrics.generation.class_agreement import agreement, steadiness
from drumspace.metrics.generation.diversity import novelty, spread
from drumspace.metrics.generation.latent import active_units, kl_nats, path_ratio


def test_kl_and_active_units() -> None:
    # A unit at its prior, one whose mean is 2 and whose variance is 1, one of variance 1/4.
    mean = np.tile([0.0, 2.0, 0.0], (5, 1))
    log_variance = np.tile([0.0, 0.0, np.log(0.25)], (5, 1))
    nats = kl_nats(mean, log_variance)
    assert nats == pytest.approx([0, 2, 0.5 * (0.25 - 1 + np.log(4))])
    assert active_units(nats) == 1


def test_path_ratio() -> None:
    straight = [[0, 0], [1, 0], [3, 0]]
    corner = [[0, 0], [3, 0], [3, 4]]
    back = [[0, 0], [1, 0], [0, 0]]
    assert path_ratio(np.array([straight, corner, back], dtype=float)) == pytest.approx([1, 7 / 5, np.nan], nan_ok=True)


def test_agreement_is_macro() -> None:
    asked = np.array([0, 0, 0, 0, 1, 2])
    heard = np.array([0, 0, 0, 0, 0, 2])
    value, table = agreement(asked, heard, 4)
    assert value == pytest.approx(2 / 3)
    assert table == [[4, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]


def test_steadiness() -> None:
    rising, falling = [1.0, 2.0, 4.0, 9.0], [4.0, 3.0, 2.0, 1.0]
    assert steadiness(np.array([rising, rising])) == pytest.approx(1)
    assert steadiness(np.array([falling])) == pytest.approx(-1)
    assert steadiness(np.array([rising, falling, [1, np.nan, 2, 3]])) == pytest.approx(0)


def test_novelty_and_spread() -> None:
    rng = np.random.default_rng(0)
    training, unseen, made = (rng.normal(size=(200, 6)) for _ in range(3))
    assert novelty(made, training, unseen) == pytest.approx(1, abs=0.1)
    assert novelty(training[:50] + 0.001, training, unseen) < 0.01
    assert spread(made, unseen) == pytest.approx(1, abs=0.05)
    assert spread(np.repeat(made[:1], 9, axis=0), unseen) == 0


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: agreement(np.array([], dtype=int), np.array([], dtype=int), 3), "no sound was asked for"),
        (lambda: steadiness(np.array([[1.0, 1.0, 1.0]])), "no row"),
        (lambda: kl_nats(np.empty((0, 3)), np.empty((0, 3))), "no sound was encoded"),
        (lambda: novelty(np.empty((0, 2)), np.ones((3, 2)), np.zeros((3, 2))), "0 sounds"),
        (lambda: spread(np.ones((1, 2)), np.ones((3, 2))), "1 sounds beside 3"),
    ],
)
def test_what_can_not_be_had_says_why(call, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotMeasured, match=reason):
        call()
