"""Pairwise tests of classifiers and Holm correction."""

import numpy as np
import pytest

from drumspace.metrics.classification.pairs import all_pairs, holm, mcnemar


def test_p_values_are_exact() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(0, 6) == pytest.approx(2 / 64)
    assert mcnemar(1, 9) == mcnemar(9, 1) == pytest.approx(2 * 11 / 1024)


def test_holm_correction_agrees_with_a_case_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_pairs_of_equally_good_models_are_seldom_called_different() -> None:
    rng = np.random.default_rng(0)
    differences = []
    for _ in range(200):
        correct = {name: rng.random(160) < 0.85 for name in "abcd"}
        differences.append(any(pair.p_holm < 0.05 for pair in all_pairs(correct, np.arange(160))))
    assert np.mean(differences) <= 0.05
    better = all_pairs({"a": np.ones(160, bool), "b": rng.random(160) < 0.85}, np.arange(160))[0]
    assert (better.first, better.only_second) == ("a", 0)
    assert better.p == pytest.approx(1e-4)
