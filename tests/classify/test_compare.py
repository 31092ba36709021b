import numpy as np
import pandas as pd
import pytest

from drumspace.artifacts import CLASSES
from drumspace.classify.compare import compare
from drumspace.classify.compare_params import CompareParams

PARAMS = CompareParams(resamples=200, seed=0, min_test_per_class=5)
CONFIG = {"weights": "random", "trainable": "all", "parameters": 10}


def table(right: dict[tuple[int, str], float], per_class: int = 10, classes: tuple[str, ...] = CLASSES) -> pd.DataFrame:
    """Predictions right for the first share of clips of each (split, part), wrong by one class otherwise."""
    rows = []
    for (split, part), share in right.items():
        for label in classes:
            for number in range(per_class):
                index = CLASSES.index(label)
                said = index if number < share * per_class else (index + 1) % len(CLASSES)
                rows.append(
                    {"clip_id": f"{split}{part}{label}{number}", "split": split, "part": part, "label": label}
                    | dict(zip(CLASSES, np.eye(len(CLASSES))[said] * 0.93 + 0.00875, strict=True))
                )
    return pd.DataFrame(rows)


def test_best_is_chosen_on_validation_and_splits_are_averaged() -> None:
    good = table({(0, "validation"): 0.9, (0, "test"): 0.5, (1, "validation"): 0.9, (1, "test"): 0.7})
    lucky = table({(0, "validation"): 0.6, (0, "test"): 1.0, (1, "validation"): 0.6, (1, "test"): 1.0})
    result = compare({"good": good, "lucky": lucky}, {"good": CONFIG, "lucky": CONFIG}, list(CLASSES), PARAMS)
    assert result["best"] == "good"
    assert result["models"]["good"]["accuracy"] == 0.5
    assert result["models"]["good"]["n"] == 80
    assert result["splits"]["good"] == {
        "accuracy_mean": pytest.approx(0.6),
        "accuracy_sd": pytest.approx(0.1 * 2**0.5),
        "n_splits": 2,
    }
    assert result["models"]["lucky"]["calibration_error"] == pytest.approx(1 - 0.93875)
    assert result["not_measured"] == []


def test_scarce_classes_are_left_out_and_named() -> None:
    many = table({(0, "validation"): 1, (0, "test"): 1}, classes=("kick", "snare"))
    few = table({(0, "test"): 0}, per_class=2, classes=("shaker",))
    result = compare({"m": pd.concat([many, few])}, {"m": CONFIG}, list(CLASSES), PARAMS)
    assert result["classes"] == ["kick", "snare"]
    assert result["models"]["m"]["accuracy"] == 1.0
    assert {"class shaker", "class tom"} <= {row["what"] for row in result["not_measured"]}


def test_without_test_or_validation_clips_nothing_is_claimed() -> None:
    empty = table({(0, "test"): 1}, per_class=1)
    result = compare({"m": empty}, {"m": CONFIG}, list(CLASSES), PARAMS)
    assert result["best"] is None
    assert result["models"]["m"]["accuracy"] is None
    assert result["models"]["m"]["n"] == 0
    assert result["models"]["m"]["validation"] == {"accuracy": None, "macro_recall": None, "n": 0}
