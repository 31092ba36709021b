"""Kits, not clips, are the independent observations."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from drumspace.metrics.classification.by_kit import kit_intervals, permutation_by_kit, ratio_interval
from drumspace.metrics.classification.intervals import bootstrap_ci95


def test_copies_of_clips_in_their_kits_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(0)
    truth, kits = np.arange(200) % 2, np.arange(200)
    predicted = np.where(rng.random(200) < 0.8, truth, 1 - truth)
    once = kit_intervals(truth, predicted, kits, 2000, 0)
    copied = kit_intervals(*(np.tile(values, 10) for values in (truth, predicted, kits)), 2000, 0)
    assert set(once) == {"accuracy_ci95", "precision_ci95", "recall_ci95", "f1_ci95"}
    for name, interval in once.items():
        assert copied[name] == pytest.approx(interval)
    # With one clip a kit, kits are clips.
    assert once["accuracy_ci95"] == pytest.approx(bootstrap_ci95(predicted == truth, 2000, 1), abs=0.02)


def test_the_interval_of_a_ratio_is_that_of_the_mean_and_knows_kits_without_a_denominator() -> None:
    rng = np.random.default_rng(0)
    correct, given, kits = rng.random(300) < 0.9, np.arange(300) < 250, np.arange(300)
    interval = ratio_interval(correct & given, given, kits, 4000, 0)
    assert interval == pytest.approx(bootstrap_ci95(correct[:250], 4000, 1), abs=0.01)
    copied = ratio_interval(*(np.repeat(values, 10) for values in (correct & given, given, kits)), 4000, 0)
    assert copied == pytest.approx(interval)
    assert ratio_interval(given, given, np.zeros(300), 10, 0) is None
    assert ratio_interval(given & False, given & False, kits, 10, 0) is None


def test_macro_recall_weighs_classes_alike() -> None:
    truth = np.repeat([0, 1], [90, 10])
    predicted = np.zeros(100, int)
    interval = kit_intervals(truth, predicted, np.arange(100) % 10, 500, 0)
    assert interval["recall_ci95"] == pytest.approx([0.5, 0.5], abs=1e-9)
    assert interval["accuracy_ci95"] == pytest.approx([0.9, 0.9], abs=1e-9)


def test_a_resample_without_a_class_does_not_count_it() -> None:
    interval = kit_intervals(np.array([0, 1]), np.array([0, 1]), np.array(["a", "b"]), 100, 0)
    assert interval["recall_ci95"] == [1.0, 1.0]


def test_interval_limits_equal_those_of_resampling_one_by_one() -> None:
    rng = np.random.default_rng(0)
    truth, kits = np.repeat([0, 2, 5], [30, 20, 10]), np.arange(60) % 12
    predicted = np.where(rng.random(60) < 0.7, truth, rng.integers(0, 6, 60))
    intervals = kit_intervals(truth, predicted, kits, 300, 7)
    averages = []
    for counts in np.random.default_rng(7).multinomial(12, np.full(12, 1 / 12), 300):
        rows = np.concatenate([np.flatnonzero(kits == kit).repeat(count) for kit, count in enumerate(counts)])
        figures = precision_recall_fscore_support(
            truth[rows], predicted[rows], labels=np.unique(truth[rows]), average="macro", zero_division=0
        )
        averages.append([np.mean(truth[rows] == predicted[rows]), *figures[:3]])
    edges = np.percentile(averages, [2.5, 97.5], axis=0).T
    for name, edge in zip(("accuracy", "precision", "recall", "f1"), edges, strict=True):
        assert intervals[f"{name}_ci95"] == pytest.approx(edge, abs=1e-9)


def test_more_kits_give_a_narrower_interval_and_no_errors_none() -> None:
    truth = np.tile(np.arange(4), 25)
    predicted = np.where(np.arange(100) % 5 == 0, (truth + 1) % 4, truth)
    few = kit_intervals(truth, predicted, np.arange(100), 500, 0)["f1_ci95"]
    many = kit_intervals(np.tile(truth, 9), np.tile(predicted, 9), np.arange(900), 500, 0)["f1_ci95"]
    assert many[1] - many[0] < 0.5 * (few[1] - few[0])
    assert kit_intervals(truth, truth, np.arange(100), 100, 0)["recall_ci95"] == [1.0, 1.0]


def test_one_kit_is_one_observation() -> None:
    better, worse = np.ones(100, bool), np.zeros(100, bool)
    assert permutation_by_kit(better, worse, np.zeros(100)) == 1.0
    assert permutation_by_kit(better, worse, np.arange(100)) == pytest.approx(1e-4)
    # Two of two kits agree: half of the exchanges are as extreme.
    assert permutation_by_kit(better, worse, np.arange(100) % 2) == pytest.approx(0.5, abs=0.02)


def test_equal_classifiers_and_the_share_of_false_alarms() -> None:
    rng = np.random.default_rng(1)
    kits = np.repeat(np.arange(40), 5)
    assert permutation_by_kit(np.ones(200, bool), np.ones(200, bool), kits) == 1.0
    p_values = []
    for _ in range(200):
        # Both are right in the same share of clips, but each is better in some kits.
        by_kit = rng.random((2, 40, 1)) < 0.5
        first, second = (rng.random((40, 5)) < np.where(side, 0.95, 0.6) for side in by_kit)
        p_values.append(permutation_by_kit(first.ravel(), second.ravel(), kits, 499))
    assert np.mean(np.array(p_values) < 0.05) < 0.1
