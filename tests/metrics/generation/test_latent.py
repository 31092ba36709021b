"""Metrics of latent spaces, class agreement and diversity on cases worked out by hand."""

import numpy as np
import pytest

from drumspace.errors import NotMeasured
from drumspace.metrics.generation.class_agreement import class_agreement
from drumspace.metrics.generation.diversity import novelty, spread
from drumspace.metrics.generation.latent import active_units, path_ratio


def test_active_units_have_varying_means() -> None:
    assert active_units(np.array([0, 2, 0.5 * (0.25 - 1 + np.log(4))])) == 1


def test_path_ratio_of_straight_and_bent_paths() -> None:
    straight = [[0, 0], [1, 0], [3, 0]]
    corner = [[0, 0], [3, 0], [3, 4]]
    back = [[0, 0], [1, 0], [0, 0]]
    assert path_ratio(np.array([straight, corner, back], dtype=float)) == pytest.approx([1, 7 / 5, np.nan], nan_ok=True)


def test_class_agreement_is_a_macro_average() -> None:
    requested = np.array([0, 0, 0, 0, 1, 2])
    predicted = np.array([0, 0, 0, 0, 0, 2])
    value, table = class_agreement(requested, predicted, 4)
    assert value == pytest.approx(2 / 3)
    assert table == [[4, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]


def test_novelty_and_spread_agree_with_cases_by_hand() -> None:
    rng = np.random.default_rng(0)
    training, unseen, generated = (rng.normal(size=(200, 6)) for _ in range(3))
    assert novelty(generated, training, unseen) == pytest.approx(1, abs=0.1)
    assert novelty(training[:50] + 0.001, training, unseen) < 0.01
    assert spread(generated, unseen) == pytest.approx(1, abs=0.05)
    assert spread(np.repeat(generated[:1], 9, axis=0), unseen) == 0


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: class_agreement(np.array([], dtype=int), np.array([], dtype=int), 3), "no sound was requested"),
        (lambda: novelty(np.empty((0, 2)), np.ones((3, 2)), np.zeros((3, 2))), "0 sounds"),
        (lambda: spread(np.ones((1, 2)), np.ones((3, 2))), "1 sounds and 3"),
    ],
)
def test_missing_metrics_give_their_reason(call, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotMeasured, match=reason):
        call()
