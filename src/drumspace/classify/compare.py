"""The comparison of classifiers: from what each said of clips it never saw to classifiers.json."""

from typing import Any

import numpy as np
import pandas as pd

from drumspace.classify.compare_params import CompareParams
from drumspace.metrics.classification import macro_recall, summary

FROM_CONFIG = ("weights", "trainable", "parameters")
SCORES = ("accuracy", "accuracy_ci95", "precision", "recall", "f1", "calibration_error", "n", "confusion")


def _arrays(table: pd.DataFrame, classes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    index = {name: number for number, name in enumerate(classes)}
    return table["label"].map(index).to_numpy(dtype=np.int64), table[classes].to_numpy(dtype=np.float64)


def measured_classes(test: pd.DataFrame, classes: list[str], minimum: int) -> list[str]:
    """Classes with at least `minimum` test clips in every split."""
    counts = test.groupby(["split", "label"]).size().unstack(fill_value=0)
    return [name for name in classes if name in counts and (counts[name] >= minimum).all()]


def compare(
    tables: dict[str, pd.DataFrame],
    configs: dict[str, dict[str, Any]],
    classes: list[str],
    params: CompareParams,
) -> dict[str, Any]:
    """The content of classifiers.json.

    tables: for each model, rows of clip_id, split, part (validation, test, test_rest), label and a probability
    a class. The figures are of the first split's test part; `splits` has the mean over all. `best` is chosen on
    the validation parts. What rests on too few clips is null and listed under `not_measured`.
    """
    any_table = next(iter(tables.values()))
    measured = measured_classes(any_table[any_table["part"] == "test"], classes, params.min_test_per_class)
    not_measured = [
        {
            "what": f"class {name}",
            "why": f"fewer than {params.min_test_per_class} labelled clips of kits kept for testing",
        }
        for name in classes
        if name not in measured
    ]
    if len(measured) < 2:
        measured = []
        not_measured.append({"what": "every classifier", "why": "fewer than two classes can be tested"})
    models, splits, validated = {}, {}, {}
    for name, table in tables.items():
        test = table[(table["part"] == "test") & table["label"].isin(measured)]
        first, accuracies = test[test["split"] == 0], []
        for _, part in test.groupby("split"):
            truth, probabilities = _arrays(part, classes)
            accuracies.append(float(np.mean(probabilities.argmax(axis=1) == truth)))
        scores: dict[str, Any] = dict.fromkeys(SCORES)
        if len(first):
            scores = summary(*_arrays(first, classes), params.resamples, params.seed)
        scores["n"] = len(first)
        validation = table[table["part"] == "validation"]
        unseen = table[(table["split"] == 0) & table["part"].isin(["test", "test_rest"])]
        unseen = unseen[unseen["label"].isin(measured)]
        models[name] = {
            **scores,
            **{key: configs[name][key] for key in FROM_CONFIG},
            "validation": _brief(validation[validation["split"] == 0], classes),
            "all_unseen": _brief(unseen, classes),
        }
        splits[name] = {
            "accuracy_mean": float(np.mean(accuracies)) if accuracies else None,
            "accuracy_sd": float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else None,
            "n_splits": len(accuracies),
        }
        validated[name] = [_brief(part, classes)["macro_recall"] for _, part in validation.groupby("split")]
    can_choose = all(validated.values())
    if not can_choose:
        not_measured.append({"what": "the best model", "why": "no labelled clips were left for validation"})
    return {
        "models": models,
        "committee": None,
        "best": max(validated, key=lambda name: np.mean(validated[name])) if can_choose else None,
        "splits": splits,
        "classes": measured,
        "not_measured": not_measured,
    }


def _brief(table: pd.DataFrame, classes: list[str]) -> dict[str, Any]:
    if table.empty:
        return {"accuracy": None, "macro_recall": None, "n": 0}
    truth, probabilities = _arrays(table, classes)
    predicted = probabilities.argmax(axis=1)
    return {
        "accuracy": float(np.mean(predicted == truth)),
        "macro_recall": macro_recall(truth, predicted),
        "n": len(table),
    }
