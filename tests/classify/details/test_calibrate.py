"""Thresholds of details, and which details are never given."""

import numpy as np
import pandas as pd
import pytest

from drumspace.classify.details.calibrate import Calibration, calibrate, splits
from drumspace.classify.details.evaluate import details_of_unseen, figures
from drumspace.classify.details.examples import NEITHER, Examples
from drumspace.classify.details.settings import DetailParams

PARAMS = DetailParams(
    model="svm", folds=4, unseen="kit", seed=0, target_precision=0.9, min_precision=0.8, min_clips=10, resamples=200
)
NAMES = ("closed", "open", "pedal")


def examples_with(labels: np.ndarray, groups: np.ndarray, names: tuple[str, ...] = NAMES) -> Examples:
    """Examples of one source."""
    clips = pd.DataFrame({"kit": groups, "source": "one"})
    return Examples(names, clips, labels, "kit", groups)


def toy(kits: int = 20) -> tuple[Examples, np.ndarray]:
    """Examples of two details, 20 in each kit, and the logits [n, 3] of an imperfect classifier."""
    count = 20 * kits
    labels = np.tile([0, 1], count // 2)
    points = labels + np.random.default_rng(1).normal(scale=0.8, size=count)
    logits = np.stack([-points, points - 1, np.full(count, -9.0)], axis=1)
    return examples_with(labels, np.arange(count) // 20), logits


def test_a_higher_target_is_more_precise_and_covers_less() -> None:
    examples, logits = toy()
    rows = []
    for target in (0.85, 0.95):
        params = PARAMS.model_copy(update={"target_precision": target})
        calibration, why_not = calibrate(examples, params, lambda _, held_out: logits[held_out])
        rows.append(figures(examples, calibration.details(logits, NAMES), calibration, why_not, params))
    assert rows[0]["precision"] < rows[1]["precision"]
    assert rows[0]["coverage"] > rows[1]["coverage"]


def test_neither_and_details_without_a_threshold_are_not_given() -> None:
    calibration = Calibration(1.0, {"808": 0.5, "acoustic": None})
    logits = np.array([[5.0, 0, 0], [0, 5.0, 0], [0, 0, 5.0], [0.1, 0, 0]])
    assert calibration.details(logits, ("808", "acoustic", NEITHER)).tolist() == [0, -1, -1, -1]


def test_a_detail_whose_threshold_fails_on_other_kits_is_off() -> None:
    """The most confident clips are right in most kits and wrong in the others: one threshold suits no held-out kit."""
    labels = np.repeat([0, 1], [100, 100])
    groups = np.tile(np.arange(10), 20)
    confidence = np.where(groups < 5, 1.0, 3.0 + groups) + np.linspace(0, 0.1, 200)
    # In kits 8 and 9, the most confident ones, everything is taken for an open hat.
    opens = (labels == 1) | (groups >= 8)
    logits = np.stack([np.where(opens, 0, confidence), np.where(opens, confidence, 0), np.full(200, -99.0)], axis=1)
    calibration, why_not = calibrate(examples_with(labels, groups), PARAMS, lambda _, held_out: logits[held_out])
    assert calibration.thresholds["closed"] is not None
    assert calibration.thresholds["open"] is None
    assert "open" in why_not and "closed" not in why_not


def test_the_gate_counts_clips_of_unseen_kits() -> None:
    examples, logits = toy()
    strict = PARAMS.model_copy(update={"min_clips": 500})
    calibration, why_not = calibrate(examples, strict, lambda _, held_out: logits[held_out])
    assert calibration.thresholds == dict.fromkeys(NAMES)
    assert why_not["open"].endswith("clips of unseen kits get it, fewer than detail.min_clips (500)")
    assert why_not["pedal"] == "no confidence reaches detail.target_precision (0.9) on unseen kits"
    calibration, why_not = calibrate(
        examples, PARAMS.model_copy(update={"min_precision": 0.99}), lambda _, held_out: logits[held_out]
    )
    assert calibration.thresholds == dict.fromkeys(NAMES)
    assert "less than detail.min_precision (0.99)" in why_not["open"]


def test_nothing_sees_the_kits_that_it_is_measured_on() -> None:
    examples, logits = toy()
    calls: list[tuple[set[int], set[int]]] = []

    def fit_predict(training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
        calls.append((set(examples.groups[training]), set(examples.groups[held_out])))
        return logits[held_out]

    given = details_of_unseen(examples, PARAMS, fit_predict)
    assert len(calls) == PARAMS.folds * (PARAMS.folds + 1)
    for outer in range(PARAMS.folds):
        *inner, last = calls[outer * (PARAMS.folds + 1) : (outer + 1) * (PARAMS.folds + 1)]
        for training, held_out in inner:
            assert not (training | held_out) & last[1]
            assert not training & held_out
    measured = figures(examples, given, Calibration(1.0, {}), {}, PARAMS)
    assert measured["precision"] == pytest.approx(0.9, abs=0.05)
    assert 0.2 < measured["coverage"] < 0.9  # a threshold had to be found


def test_labels_of_the_measured_kits_change_neither_thresholds_nor_gate() -> None:
    examples, logits = toy()
    _, held_out = next(iter(splits(examples, PARAMS)))
    given = details_of_unseen(examples, PARAMS, lambda _, rows: logits[rows])
    changed = examples.labels.copy()
    changed[held_out] = 1 - changed[held_out]  # as many of each detail: the folds stay the same
    flipped = examples_with(changed, examples.groups)
    np.testing.assert_array_equal(next(iter(splits(flipped, PARAMS)))[1], held_out)
    assert (details_of_unseen(flipped, PARAMS, lambda _, rows: logits[rows])[held_out] == given[held_out]).all()


def test_figures_count_what_is_given_and_keep_the_reason_of_what_is_not() -> None:
    examples = examples_with(np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.arange(8) // 2)
    given = np.array([0, 0, 0, -1, 1, 0, 0, 0])
    measured = figures(examples, given, Calibration(1.0, {"open": 0.5}), {"closed": "too few", "pedal": "none"}, PARAMS)
    closed, opened = measured["details"]["closed"], measured["details"]["open"]
    assert (closed["precision"], closed["predicted"], closed["coverage"], closed["n"]) == (0.5, 6, 0.75, 4)
    assert (closed["kits"], closed["given"], closed["why_not"]) == (2, False, "too few")
    assert (opened["precision"], opened["predicted"], opened["coverage"]) == (1.0, 1, 0.25)
    assert (opened["given"], opened["why_not"], opened["precision_ci95"]) == (True, None, None)
    assert (measured["precision"], measured["coverage"], measured["n"]) == (4 / 7, 7 / 8, 8)
    low, high = measured["precision_ci95"] or (0, 0)
    assert 0 <= low < 4 / 7 < high <= 1
    assert measured["thresholds"] == {"open": 0.5}
