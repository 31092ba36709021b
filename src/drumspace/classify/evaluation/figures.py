"""Figures of one classifier in classifiers.json: scores on the first split, and means over splits."""

from typing import Any, cast

import numpy as np
import pandas as pd

from drumspace.classify.evaluation.labeller_rows import labeller_rows
from drumspace.classify.evaluation.predictions import UNSEEN, labels_and_probs, select
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.metrics.classification.by_kit import kit_intervals
from drumspace.metrics.classification.classification import macro_recall, summary
from drumspace.metrics.classification.contract import Figures, PartScores, SplitMetrics

SCORES = (
    "accuracy", "accuracy_ci95", "precision", "precision_ci95", "recall", "recall_ci95", "f1", "f1_ci95",
    "calibration_error", "n", "confusion",
)  # fmt: skip


def measured_classes(test: pd.DataFrame, classes: list[str], minimum: int) -> list[str]:
    """Classes with at least `minimum` test clips in every split."""
    counts = test.groupby(["split", "label"]).size().unstack(fill_value=0)
    return [name for name in classes if name in counts and (counts[name] >= minimum).all()]


def select_test(table: pd.DataFrame, measured: list[str]) -> pd.DataFrame:
    """Rows of the first split's test part with a measured class as label."""
    test = select(table, 0, "test")
    return test[test["label"].isin(measured)]


def first_split_figures(table: pd.DataFrame, classes: list[str], measured: list[str], params: CompareParams) -> Figures:
    """Scores with intervals on the first split's test part, and scores on its other parts."""
    test = select_test(table, measured)
    scores: dict[str, Any] = dict.fromkeys(SCORES)
    if len(test):
        truth, probs = labels_and_probs(test, classes)
        scores = {
            **summary(truth, probs),
            **kit_intervals(truth, probs.argmax(axis=1), test["kit"].to_numpy(str), params.resamples, params.seed),
        }
    unseen = select(table, 0, *UNSEEN)
    figures = {
        **scores,
        "n": len(test),
        "validation": part_scores(select(table, 0, "validation"), classes),
        "all_unseen": part_scores(unseen[unseen["label"].isin(measured)], classes),
        "other_auroc": other_auroc(select(table, 0, *UNSEEN, "test_other"), classes),
    }
    return cast(Figures, figures)


def other_auroc(table: pd.DataFrame, classes: list[str]) -> float | None:
    """Area under the ROC curve of the labeller's confidence, for clips of the classes against other drums.

    1: all other drums are below all clips of the classes; 0.5: no better than chance; None without either.
    """
    from sklearn.metrics import roc_auc_score

    rows = labeller_rows(table, classes)
    in_class = rows.truth >= 0
    if in_class.all() or not in_class.any():
        return None
    return float(roc_auc_score(in_class, rows.confidence))


def split_metrics(table: pd.DataFrame, classes: list[str], measured: list[str]) -> SplitMetrics:
    """Mean and standard deviation over splits of the accuracy, on the test part and on all unseen clips."""
    rows = table[table["label"].isin(measured)]
    figures: dict[str, Any] = {}
    for prefix, parts in (("", UNSEEN[:1]), ("all_unseen_", UNSEEN)):
        by_split = rows[rows["part"].isin(parts)].groupby("split")
        accuracies = [part_scores(part, classes)["accuracy"] for _, part in by_split]
        figures[f"{prefix}accuracy_mean"] = float(np.mean(accuracies)) if accuracies else None  # type: ignore[arg-type]
        figures[f"{prefix}accuracy_sd"] = float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else None  # type: ignore[arg-type]
        figures["n_splits"] = len(accuracies)
    return cast(SplitMetrics, figures)


def part_scores(table: pd.DataFrame, classes: list[str]) -> PartScores:
    """Accuracy, macro recall and number of some rows of predictions; None without rows."""
    if table.empty:
        return {"accuracy": None, "macro_recall": None, "n": 0}
    truth, probs = labels_and_probs(table, classes)
    predicted = probs.argmax(axis=1)
    return {
        "accuracy": float(np.mean(predicted == truth)),
        "macro_recall": macro_recall(truth, predicted),
        "n": len(table),
    }
