from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drumspace.classify.evaluation.compare import compare
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.taxonomy import CLASSES

PARAMS = CompareParams(
    resamples=200,
    seed=0,
    min_test_per_class=5,
    committee_size=3,
    committee_splits=2,
    target_precision=0.9,
    confident_errors=4,
)
CONFIG = {"weights": "random", "trainable": "all", "parameters": 10}


def table(
    accuracy: dict[tuple[int, str], float], per_class: int = 10, classes: tuple[str, ...] = CLASSES, kits: int = 6
) -> pd.DataFrame:
    """Predictions that are correct for a share of the clips of each (split, part) and off by one class otherwise."""
    rows = []
    for (split, part), share in accuracy.items():
        for label in classes:
            for number in range(per_class):
                index = CLASSES.index(label)
                predicted = index if number < share * per_class else (index + 1) % len(CLASSES)
                rows.append(
                    {
                        "clip_id": f"{split}{part}{label}{number}",
                        "split": split,
                        "part": part,
                        "kit": f"{part[:4]}{(number + per_class * index * (kits > 6)) % kits}",
                        "label": label,
                        "other": 0.0,
                    }
                    | dict(zip(CLASSES, np.eye(len(CLASSES))[predicted] * 0.93 + 0.00875, strict=True))
                )
    return pd.DataFrame(rows)


def test_best_is_chosen_on_validation_and_splits_are_averaged() -> None:
    good = table({(0, "validation"): 0.9, (0, "test"): 0.5, (1, "validation"): 0.9, (1, "test"): 0.7})
    lucky = table({(0, "validation"): 0.6, (0, "test"): 1.0, (1, "validation"): 0.6, (1, "test"): 1.0})
    result = compare({"good": good, "lucky": lucky}, {"good": CONFIG, "lucky": CONFIG}, list(CLASSES), PARAMS).metrics
    assert result["best"] == "good"
    assert result["models"]["good"]["accuracy"] == 0.5
    assert result["models"]["good"]["n"] == 80
    assert result["splits"]["good"] == {
        "accuracy_mean": pytest.approx(0.6),
        "accuracy_sd": pytest.approx(0.1 * 2**0.5),
        "n_splits": 2,
        "all_unseen_accuracy_mean": pytest.approx(0.6),
        "all_unseen_accuracy_sd": pytest.approx(0.1 * 2**0.5),
    }
    assert result["models"]["lucky"]["calibration_error"] == pytest.approx(1 - 0.93875)
    assert result["not_measured"] == []


def test_classes_with_few_clips_are_listed_as_not_measured() -> None:
    many = table({(0, "validation"): 1, (0, "test"): 1}, classes=("kick", "snare"))
    few = table({(0, "test"): 0}, per_class=2, classes=("shaker",))
    result = compare({"m": pd.concat([many, few])}, {"m": CONFIG}, list(CLASSES), PARAMS).metrics
    assert result["classes"] == ["kick", "snare"]
    assert result["models"]["m"]["accuracy"] == 1.0
    assert {"class shaker", "class tom"} <= {row["what"] for row in result["not_measured"]}


def test_figures_without_test_or_validation_clips_are_none() -> None:
    empty = table({(0, "test"): 1}, per_class=1)
    result = compare({"m": empty}, {"m": CONFIG}, list(CLASSES), PARAMS).metrics
    assert result["best"] is None
    assert result["models"]["m"]["accuracy"] is None
    assert result["models"]["m"]["n"] == 0
    assert result["models"]["m"]["validation"] == {"accuracy": None, "macro_recall": None, "n": 0}


def test_a_split_of_training_clips_alone_leaves_every_figure_unmeasured(tmp_path: Path) -> None:
    whole = table({(0, "test"): 1}).assign(label=lambda rows: rows["label"].astype(pd.StringDtype(na_value=np.nan)))
    whole.iloc[:0].to_parquet(tmp_path / "predictions.parquet")
    tables = {name: pd.read_parquet(tmp_path / "predictions.parquet") for name in ("one", "two")}
    comparison = compare(tables, dict.fromkeys(tables, CONFIG), list(CLASSES), PARAMS)
    result = comparison.metrics
    assert (comparison.votes, comparison.committee, result["committee"], result["best"]) == (None, None, None, None)
    assert result["models"]["two"]["accuracy"] is None and result["models"]["two"]["n"] == 0
    assert result["splits"]["one"]["accuracy_mean"] is None
    assert (result["classes"], result["confident_errors"], result["pairs"]["rows"]) == ([], [], [])
    assert (comparison.best["model"], comparison.best["thresholds"]) == ("one", {})
    assert {"every classifier", "the best model", "the committee"} <= {row["what"] for row in result["not_measured"]}


def test_the_test_part_has_no_influence_on_any_choice() -> None:
    good = table({(0, "validation"): 0.9, (0, "test"): 0.1, (1, "validation"): 0.9, (1, "test"): 0.1})
    poor = table({(0, "validation"): 0.3, (0, "test"): 1.0, (1, "validation"): 0.3, (1, "test"): 1.0})
    result = compare({"good": good, "poor": poor}, {"good": CONFIG, "poor": CONFIG}, list(CLASSES), PARAMS)
    assert result.committee and result.committee["members"] == ["good"]
    assert result.metrics["committee"]["accuracy"] == pytest.approx(0.1)
    assert result.metrics["committee"]["members"] == ["good"]
    assert result.best["model"] == "committee"


def test_pairs_count_clips_that_only_one_model_classifies_correctly() -> None:
    good = table({(0, "validation"): 1.0, (0, "test"): 0.9})
    poor = table({(0, "validation"): 0.5, (0, "test"): 0.5})
    shuffled = poor.sample(frac=1, random_state=0)
    pairs = compare({"good": good, "poor": shuffled}, {"good": CONFIG, "poor": CONFIG}, list(CLASSES), PARAMS).metrics[
        "pairs"
    ]
    row = next(row for row in pairs["rows"] if {row["first"], row["second"]} == {"good", "poor"})
    assert pairs["n"] == 80
    assert (row["only_first"], row["only_second"]) == (32, 0)
    # They differ in four kits: one exchange of eight is as extreme as all four on one side.
    assert pairs["kits"] == 6 and row["p"] == pytest.approx(2 * 0.5**4, abs=0.02)


def test_a_model_trained_on_one_split_is_no_member_of_a_committee_over_two() -> None:
    wide = table({(0, "validation"): 0.6, (0, "test"): 0.6, (1, "validation"): 0.6, (1, "test"): 0.6})
    narrow = table({(0, "validation"): 1.0, (0, "test"): 1.0})
    result = compare({"wide": wide, "narrow": narrow}, {"wide": CONFIG, "narrow": CONFIG}, list(CLASSES), PARAMS)
    assert result.committee and result.committee["members"] == ["wide"]
    # It is not the best model either: means over splits are of one procedure.
    assert result.metrics["best"] == "wide"
    assert result.metrics["splits"]["narrow"]["n_splits"] == 1
    assert result.votes is not None and result.votes["split"].nunique() == 2


def test_each_split_chooses_on_its_own_validation_part() -> None:
    """A test clip of one split may be a validation clip of another, so no split may use the choice of another."""
    first = table({(0, "validation"): 0.9, (0, "test"): 0.2, (1, "validation"): 0.1, (1, "test"): 0.3})
    second = table({(0, "validation"): 0.5, (0, "test"): 1.0, (1, "validation"): 1.0, (1, "test"): 0.8})
    result = compare({"first": first, "second": second}, {"first": CONFIG, "second": CONFIG}, list(CLASSES), PARAMS)
    chosen = result.metrics["best_per_split"]
    assert chosen["models"] == ["first", "second"]
    assert chosen["committees"] == [["first"], ["second"]]
    assert chosen["accuracy_mean"] == pytest.approx((0.2 + 0.8) / 2)
    assert result.metrics["splits"]["committee"]["accuracy_mean"] == pytest.approx((0.2 + 0.8) / 2)
    assert result.metrics["best"] == "first"
    assert result.committee and result.committee["members"] == ["first"]


def test_a_committee_has_the_weights_of_its_members() -> None:
    half = table({(0, "validation"): 0.6, (0, "test"): 0.6})
    other = half.copy()
    # The label gets half of the probability, so that `other` is correct on more clips.
    other[list(CLASSES)] = half[list(CLASSES)].to_numpy() * 0.5 + np.eye(8)[half["label"].map(CLASSES.index)] * 0.5
    configs = {"a": CONFIG, "b": {**CONFIG, "weights": "sfx", "trainable": "head"}}
    committee = compare({"a": half, "b": other}, configs, list(CLASSES), PARAMS).metrics["committee"]
    assert committee["members"] == ["b"]
    assert (committee["weights"], committee["trainable"]) == ("sfx", "head")
    configs["b"] = {**CONFIG, "weights_reason": "b.pth is not available: no network"}
    committee = compare({"a": half, "b": other}, configs, list(CLASSES), PARAMS).metrics["committee"]
    assert committee["weights_reason"] == "b.pth is not available: no network"


def test_confident_errors_are_the_most_confident_and_count_agreement() -> None:
    good = table({(0, "validation"): 0.9, (0, "test"): 0.9, (0, "test_rest"): 0.9})
    good[list(CLASSES)] = good[list(CLASSES)] ** np.linspace(1, 0.5, len(good))[:, None]
    good[list(CLASSES)] = good[list(CLASSES)].div(good[list(CLASSES)].sum(axis=1), axis=0)
    errors = compare({"a": good, "b": good}, {"a": CONFIG, "b": CONFIG}, list(CLASSES), PARAMS).metrics[
        "confident_errors"
    ]
    wrong = good[good["part"].str.startswith("test") & (good[list(CLASSES)].idxmax(axis=1) != good["label"])]
    most_confident = wrong[list(CLASSES)].max(axis=1).sort_values(ascending=False).head(4)
    # The committee's temperature changes its confidence, not the order.
    assert all(a["confidence"] > b["confidence"] for a, b in pairwise(errors))
    assert [error["clip_id"] for error in errors] == good.loc[most_confident.index, "clip_id"].to_list()
    for error in errors:
        assert error["predicted"] == CLASSES[(CLASSES.index(error["label"]) + 1) % 8]
        assert (error["agree"], error["models"]) == (2, 2)


def test_the_labeller_abstains_below_the_threshold_of_the_target_precision() -> None:
    rows = table({(0, "validation"): 0.8, (0, "test"): 0.6, (0, "test_rest"): 1.0}, kits=80)
    wrong = (rows["part"] == "validation") & (rows[list(CLASSES)].idxmax(axis=1) != rows["label"])
    rows.loc[wrong, list(CLASSES)] = rows.loc[wrong, list(CLASSES)] * 0.5 + 0.0625
    result = compare({"m": rows}, {"m": CONFIG}, list(CLASSES), PARAMS)
    assert result.best["precision"] == pytest.approx(1.0)
    assert result.best["coverage"] == pytest.approx(0.8)
    thresholds = result.best["thresholds"]["m"]
    assert thresholds is not None and all(0.5275 < least <= 0.9388 for least in thresholds.values())
    # On unseen clips, on which nothing was chosen, it labels all, 128 of 160 of them correctly.
    assert result.best["unseen"] == {
        "precision": pytest.approx(0.8), "precision_with_others": pytest.approx(0.8), "coverage": 1.0,
        "others_abstained": None, "n": 160, "n_other": 0,
    }  # fmt: skip


def test_models_that_were_not_trained_are_listed_with_the_reason() -> None:
    rows = table({(0, "validation"): 1.0, (0, "test"): 1.0})
    configs = {"m": CONFIG, "cnn14": {"not_run": "published weights absent"}}
    metrics = compare({"m": rows}, configs, list(CLASSES), PARAMS).metrics
    assert metrics["not_run"] == {"cnn14": "published weights absent"}
    assert list(metrics["models"]) == ["m"]
