"""Rows for `dvc plots`, from the files under reports/metrics/: one list of flat rows per plot.

DVC plots flat rows only, and joins all lists of a file, so the nested metrics files cannot be plotted as they are.
It does not plot an empty list either: where nothing was measured, one row says so.
"""

from collections.abc import Mapping
from typing import Any

from drumspace.metrics.classification.contract import ClassifierMetrics
from drumspace.metrics.classification.propagation_contract import PropagationMetrics

Rows = list[dict[str, Any]]
NOTHING = "not measured"


def classifiers(metrics: ClassifierMetrics) -> Rows:
    """Accuracy of each model and of the committee, from classifiers.json."""
    return _with_intervals("model", {**metrics["models"], "committee": metrics["committee"]}, "accuracy")


def confusion(metrics: ClassifierMetrics) -> Rows:
    """True and predicted class of each test sound, by the best single model of classifiers.json."""
    names, best = metrics["classes"], metrics["best"]
    counted = metrics["models"][best]["confusion"] if best in metrics["models"] else None
    rows = [
        {"class": names[row], "predicted": names[column]}
        for row, counts in enumerate(counted or [])
        for column, count in enumerate(counts)
        for _ in range(count)
    ]
    return rows or [{"class": NOTHING, "predicted": NOTHING}]


def budget(metrics: PropagationMetrics) -> Rows:
    """Accuracy over labels per class, a curve for each feature and method of propagation.json."""
    rows = [
        {"labels": row["labels_per_class"], "accuracy": row["accuracy"], "curve": f"{row['feature']}, {row['method']}"}
        for row in metrics["budget"]
    ]
    return rows or [{"labels": None, "accuracy": None, "curve": NOTHING}]


def sounds(metrics: dict[str, Any]) -> Rows:
    """Kernel distance of each set of sounds from real ones, from synthesis.json."""
    return _with_intervals("sounds", metrics, "kernel_distance")


def _with_intervals(kind: str, entries: Mapping[str, Any], key: str) -> Rows:
    """Figure `key` and its interval, for each entry that has it."""
    rows = []
    for name, entry in entries.items():
        if isinstance(entry, dict) and entry.get(key) is not None:
            low, high = entry.get(f"{key}_ci95") or (None, None)
            rows.append({kind: name, key: entry[key], "low": low, "high": high})
    return rows or [{kind: NOTHING, key: None, "low": None, "high": None}]
