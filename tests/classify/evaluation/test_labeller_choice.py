"""Thresholds of the labeller, and other drums in them."""

import numpy as np
import pandas as pd
import pytest

from drumspace.classify.evaluation.choice import choose
from drumspace.classify.evaluation.figures import other_auroc
from drumspace.classify.evaluation.labeller_choice import choose_labeller, held_out
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.metrics.classification.contract import LabellerMetrics

CLASSES = ["kick", "snare"]
PARAMS = CompareParams(
    resamples=100, seed=0, min_test_per_class=1, committee_size=1, committee_splits=1, target_precision=0.9,
    confident_errors=1,
)  # fmt: skip


def rows(part: str, kits: int, split: int = 0, label: str | None = "kick", other: float = 0.0) -> pd.DataFrame:
    """Three clips a kit that are taken for kicks, with a confidence of 0.9 before rejection."""
    number = np.repeat(np.arange(kits), 3)
    return pd.DataFrame(
        {
            "clip_id": [f"{part}{split}{label}{index}" for index in range(3 * kits)],
            "split": split, "part": part, "kit": [f"{part}{split}_{kit}" for kit in number], "label": label,
            "kick": 0.9, "snare": 0.1, "other": other,
        }
    )  # fmt: skip


def labeller(table: pd.DataFrame) -> LabellerMetrics:
    choice = choose({"m": table}, CLASSES, PARAMS)
    assert choice.votes is not None
    return choose_labeller({"m": table, "committee": choice.votes}, choice, CLASSES, PARAMS)


def test_rejection_keeps_labels_from_other_drums() -> None:
    eight = pd.concat([rows("validation", 80), rows("test", 10)])
    others = pd.concat(
        [rows("validation_other", 80, label=None, other=0.8), rows("test_other", 10, label=None, other=0.8)]
    )
    table = pd.concat([eight, others])
    best = labeller(table)
    # The confidence of other drums is 0.9 (1 - 0.8), that of the classes 0.9.
    assert best["thresholds"]["m"] and 0.18 < best["thresholds"]["m"]["kick"] <= 0.9
    assert best["target_precision"] == 0.9
    assert best["unseen"] == {
        "precision": 1.0, "precision_with_others": 1.0, "coverage": 1.0, "others_abstained": 1.0, "n": 30, "n_other": 30
    }  # fmt: skip
    unseen = labeller(table.assign(other=0.0))["unseen"]
    assert unseen and (unseen["precision"], unseen["precision_with_others"]) == (1.0, 0.5)
    assert unseen["others_abstained"] == 0.0


def test_a_model_that_cannot_keep_the_precision_has_no_thresholds() -> None:
    table = pd.concat([rows("validation", 80), rows("test", 10)])
    table["label"] = np.where(np.arange(len(table)) % 3 == 0, "snare", "kick")
    best = labeller(table)
    assert best["thresholds"] == {"m": None, "committee": None}
    assert best["coverage"] == 0.0 and best["precision"] is None


def test_the_labeller_is_the_model_that_labels_most() -> None:
    sure = pd.concat([rows("validation", 80), rows("test", 10)])
    # Right as often, but every fourth kit, wrong as a whole, is as confident as the others.
    unsure = sure.assign(label=np.where(sure["kit"].str.endswith(("3", "7")), "snare", "kick"))
    tables = {"unsure": unsure, "sure": sure}
    choice = choose(tables, CLASSES, PARAMS)
    assert choose_labeller(tables, choice, CLASSES, PARAMS)["model"] == "sure"


def test_thresholds_use_every_split_but_not_the_kits_that_the_first_one_tests() -> None:
    again = rows("validation", 4, split=1)
    tested = rows("validation", 2, split=1).assign(kit="test0_0", clip_id=lambda table: "t" + table["clip_id"])
    table = pd.concat([rows("validation", 5), rows("test", 3), again, tested, again.assign(split=2)])
    assert len(held_out(table)) == 15 + 12
    assert not held_out(table)["kit"].str.startswith("test").any()


def test_the_area_under_the_curve_is_of_the_confidence() -> None:
    table = pd.concat([rows("test", 4, other=0.2), rows("test_other", 4, label=None, other=0.6)])
    assert other_auroc(table, CLASSES) == 1.0
    assert other_auroc(table.assign(other=0.0), CLASSES) == pytest.approx(0.5)
    assert other_auroc(table[table["part"] == "test"], CLASSES) is None
