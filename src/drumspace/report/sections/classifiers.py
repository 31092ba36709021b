"""Section `classifiers`: the comparison of classifiers, with the thesis's table 7.1 for reference."""

from collections.abc import Mapping
from typing import Any

from drumspace.report.inputs import Inputs
from drumspace.report.sections.gaps import classifier_gaps, merge_by_reason
from drumspace.report.thesis import thesis_rows
from drumspace.taxonomy import CLASSES

TITLES = {
    "svm": "kernel SVM on pooled log-mel and MFCC",
    "efficientnet_lite0": "EfficientNet-Lite0 on the spectrogram",
    "aisfx_cnn9": "CNN9 of aisfx on the spectrogram",
    "committee": "mean probability of models chosen on validation data",
}
"""Models that the thesis does not have."""
SCRATCH = "trained from scratch"
SCORES = ("accuracy", "precision", "recall", "f1")
STATES = {"measured": 0, "not measured": 1, "not run": 2}
"""States of a row in the order of the table."""


def _interval(value: Any) -> tuple[float, float] | None:
    return (value[0], value[1]) if value and None not in value else None


def _weights(figures: Mapping[str, Any]) -> str:
    """Initial weights of a model and the part that was trained, in words."""
    weights, trainable = figures.get("weights"), figures.get("trainable")
    start = {"random": "from scratch", "mixed": "mixed", None: ""}.get(weights, f"from {weights}")
    if (figures.get("weights_reason") or SCRATCH) != SCRATCH:
        start = "random, not pretrained" if weights == "random" else f"{start}, partly random, not pretrained"
    return f"{start}, head only" if trainable == "head" else start


def _row(name: str, inputs: Inputs) -> dict[str, Any]:
    """Row of the table for a model of this run, of the thesis, or of both."""
    figures, thesis = inputs.models.get(name), thesis_rows().get(name)
    entry: Mapping[str, Any] = figures or {}
    measured = entry.get("accuracy") is not None
    return {
        "name": name,
        "title": thesis.title if thesis else TITLES.get(name, ""),
        "state": "measured" if measured else "not run" if figures is None else "not measured",
        "best": name == inputs.best,
        "scores": {score: entry.get(score) for score in SCORES},
        "interval": _interval(entry.get("accuracy_ci95")),
        "intervals": {score: _interval(entry.get(f"{score}_ci95")) for score in SCORES[1:]},
        "n": entry.get("n"),
        "calibration_error": entry.get("calibration_error"),
        "validation": entry.get("validation") or {},
        "unseen": entry.get("all_unseen") or {},
        "splits": (inputs.classifiers.get("splits") or {}).get(name) or {},
        "parameters": entry.get("parameters"),
        "weights": _weights(entry),
        "reason": (inputs.classifiers.get("not_run") or {}).get(name, ""),
        "note": ", ".join(entry.get("members") or []) or entry.get("note") or "",
        "thesis": thesis,
    }


def model_rows(inputs: Inputs) -> list[dict[str, Any]]:
    """Rows of this run's models by accuracy, then those without a figure, then the thesis's that were not run."""
    rows = [
        _row(name, inputs)
        for name in dict.fromkeys([*inputs.models, *(inputs.classifiers.get("not_run") or {}), *thesis_rows()])
    ]

    def key(row: dict[str, Any]) -> tuple[int, float, str]:
        accuracy = row["scores"]["accuracy"] if row["state"] == "measured" else row["thesis"] and row["thesis"].accuracy
        return STATES[row["state"]], -(accuracy or 0.0), row["name"]

    return sorted(rows, key=key)


def confusion(name: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Confusion matrix of one model, rows the true classes, with its three most frequent mistakes.

    A cell holds its count, its share of the true class (None without sounds of it), a title, and whether it is right.
    """
    rows, mistakes = [], []
    for truth, line in zip(CLASSES, figures["confusion"], strict=True):
        total = sum(line)
        cells = []
        for predicted, count in zip(CLASSES, line, strict=True):
            title = f"{count} of {total} {truth} sounds were classified as {predicted}"
            share = count / total if total else None
            cells.append({"count": count, "share": share, "title": title, "right": truth == predicted})
            if count and truth != predicted:
                text = f"{truth} classified as {predicted}: {count} of {total}"
                mistakes.append((-count / total, truth, predicted, text))
        rows.append((truth, cells))
    return {
        "name": name,
        "n": sum(map(sum, figures["confusion"])),
        "accuracy": figures.get("accuracy"),
        "rows": rows,
        "worst": [text for *_, text in sorted(mistakes)[:3]],
    }


def _majority_accuracy(confusions: list[dict[str, Any]]) -> float | None:
    """Accuracy of always predicting the most frequent class of the test part; None where the part is balanced."""
    totals = [sum(cell["count"] for cell in cells) for _, cells in confusions[0]["rows"]] if confusions else []
    totals = [total for total in totals if total]
    return max(totals) / sum(totals) if totals and max(totals) != min(totals) else None


def verdict(rows: list[dict[str, Any]]) -> str:
    """One sentence on whether the best model here and the thesis's best differ; empty without an interval."""
    best = next((row for row in rows if row["best"] and row["state"] == "measured" and row["interval"]), None)
    if best is None:
        return ""
    thesis = max(thesis_rows().values(), key=lambda row: row.accuracy)
    (low, high), (thesis_low, thesis_high) = best["interval"], thesis.interval
    text = (
        f"The intervals of {best['name']}, {best['scores']['accuracy']:.3f} ({low:.3f} to {high:.3f}), and of the "
        f"thesis's best model, {thesis.accuracy:.2f} ({thesis_low:.3f} to {thesis_high:.3f}, n {thesis.n}),"
    )
    if low > thesis_high or high < thesis_low:
        return f"{text} do not overlap; but the test sounds differ, and so may their difficulty."
    return f"{text} overlap: neither can be called better. The test sounds differ, too."


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template.

    rows: see `model_rows`; confusions: matrices; chance and majority: accuracies of guessing and of the most frequent
    class; gaps: reasons for missing figures; thesis_n: test sounds of the thesis; verdict: one sentence.
    """
    rows = model_rows(inputs)
    models = [(row["name"], inputs.models[row["name"]]) for row in rows if row["name"] in inputs.models]
    confusions = [confusion(name, figures) for name, figures in models if figures["confusion"]]
    classes = inputs.measured_classes
    return {
        "rows": rows,
        "confusions": confusions,
        "chance": 1 / len(classes) if classes and confusions else None,
        "majority": _majority_accuracy(confusions),
        "gaps": merge_by_reason(classifier_gaps(inputs)),
        "thesis_n": next(iter(thesis_rows().values())).n,
        "verdict": verdict(rows),
    }
