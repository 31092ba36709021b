"""Section `labels`: propagated labels with their figures, and the thesis's tables 8.1 and 8.2 for reference."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from drumspace.metrics.classification.propagation_contract import (
    AnnotationPoint,
    AnnotatorMetrics,
    BudgetMetrics,
    CellMetrics,
    ControlMetrics,
)
from drumspace.report.charts import GREY, PALETTE, Chart, Line, line_chart
from drumspace.report.inputs import Inputs
from drumspace.report.thesis import ThesisTable, thesis_propagation

FEATURES = ("spec", "mel", "mfcc", "pretrained", "fused")


def comparison(table: ThesisTable, rows: list[CellMetrics]) -> dict[str, Any]:
    """A table of the thesis with this run's accuracies on 2-D UMAP.

    A row has feature, k, method and cells: a table with two readings has two rows for each feature and k. The thesis
    does not define its split ratio: a cell holds its figure (`thesis`), this run's with the ratio as the labelled share
    (`labelled`) and as the share held out (`held_out`), None where that was not run.
    """
    accuracies = {
        (row["method"], row["feature"], row["k"], round(row["labelled_share"], 3)): row["accuracy"]
        for row in rows
        if (row["map"], row["dims"], row["supervision"]) == ("umap", 2, "none")
    }

    def cell(method: str, feature: str, k: int, ratio: float, thesis: float) -> dict[str, float | None]:
        labelled = accuracies.get((method, feature, k, round(ratio, 3)))
        held_out = accuracies.get((method, feature, k, round(1 - ratio, 3)))
        return {"thesis": thesis, "labelled": labelled, "held_out": held_out}

    return {
        "title": table.title,
        "ratios": table.ratios,
        "rows": [
            (feature, k, method, [cell(method, feature, k, *pair) for pair in zip(table.ratios, values, strict=True)])
            for feature, by_k in table.rows.items()
            for k, values in by_k.items()
            for method in table.methods
        ],
    }


def control_chart(rows: list[CellMetrics], control: ControlMetrics | None) -> Chart | None:
    """Macro recall over the labelled share: matched labels, permuted labels, the thesis's accuracies."""
    aligned = [row for row in rows if row["method"] == "thesis"]
    if control is None or not aligned or not (permuted := control["shares"]):
        return None
    shares = sorted({row["labelled_share"] for row in aligned})
    values = [[row["macro_recall"] for row in aligned if row["labelled_share"] == share] for share in shares]
    table = thesis_propagation()[0]
    published = [values for by_k in table.rows.values() for values in by_k.values()]
    lines = [
        Line(
            "labels matched to their sounds", shares, [float(np.mean(v)) for v in values], [min(v) for v in values],
            [max(v) for v in values], PALETTE[1],
        ),
        Line(
            "the same, labels permuted", [row["labelled_share"] for row in permuted],
            [row["macro_recall"] for row in permuted], [row["range"][0] for row in permuted],
            [row["range"][1] for row in permuted], PALETTE[0],
        ),
        Line(
            "thesis, table 8.1 (accuracy)", table.ratios, np.mean(published, axis=0).tolist(),
            np.min(published, axis=0).tolist(), np.max(published, axis=0).tolist(), GREY, "--", "s",
        ),
    ]  # fmt: skip
    alt = "Macro recall over the labelled share: far above chance with matched labels, at chance with permuted ones"
    return line_chart(
        lines, "labelled share (the thesis: split ratio)", "macro recall", alt, y_range=(0, 1),
        level=(control["chance"], "chance"),
    )  # fmt: skip


def best_cells(rows: list[CellMetrics]) -> tuple[list[tuple[str, float]], list[dict[str, Any]]]:
    """Best cell of each method for each split and labelled share, the most accurate method first.

    Returns the columns (split, labelled share), and for each method its name and its cells, None where not run.
    """
    others = ("thesis", "single_files")
    cells = [row for row in rows if row["table"] not in others and not row["table"].startswith("all_")]
    columns = sorted({(row["split"], row["labelled_share"]) for row in cells}, key=lambda c: (c[0], -c[1]))
    entries: list[dict[str, Any]] = []
    for method in dict.fromkeys(row["method"] for row in cells):
        best: list[CellMetrics | None] = []
        for column in columns:
            candidates = [row for row in cells if row["method"] == method]
            candidates = [row for row in candidates if (row["split"], row["labelled_share"]) == column]
            best.append(max(candidates, key=lambda row: row["accuracy"], default=None))
        entries.append({"method": method, "cells": best})
    entries.sort(key=lambda entry: -((entry["cells"][0] or {}).get("accuracy") or 0))
    return columns, entries


def single_files(rows: list[CellMetrics]) -> list[dict[str, Any]]:
    """Most accurate cell of each method on fused features: `kit` with the mean of the clip's kit, `single` without."""

    def best(table: str, feature: str, method: str) -> CellMetrics | None:
        cells = [row for row in rows if (row["table"], row["feature"], row["method"]) == (table, feature, method)]
        return max(cells, key=lambda row: row["accuracy"], default=None)

    methods = dict.fromkeys(row["method"] for row in rows if row["table"] == "single_files")
    return [
        {"method": name, "kit": best("kits", "fused", name), "single": best("single_files", "fused_single", name)}
        for name in methods
    ]


def budget_chart(budget: list[BudgetMetrics]) -> Chart | None:
    """Accuracy over labels per class, for each feature with the method that is best over all budgets."""
    lines = []
    for number, feature in enumerate(name for name in FEATURES if any(row["feature"] == name for row in budget)):
        counts = sorted({row["labels_per_class"] for row in budget if row["feature"] == feature})
        methods = {row["method"] for row in budget if row["feature"] == feature}
        table = {(row["method"], row["labels_per_class"]): row for row in budget if row["feature"] == feature}
        # One line per feature keeps the chart readable.
        best = max(methods, key=lambda m: sum(table[m, c]["accuracy"] for c in counts if (m, c) in table))
        rows = [table[best, count] for count in counts if (best, count) in table]
        x, y = [row["labels_per_class"] for row in rows], [row["accuracy"] for row in rows]
        lines.append(Line(f"{feature}, {best}", x, y, *_bounds(rows), PALETTE[number]))
    if not lines:
        return None
    alt = "Accuracy over labels per class, for each feature with its best method: " + "; ".join(
        f"{line.name} from {line.y[0]:.2f} to {line.y[-1]:.2f}" for line in lines
    )
    return line_chart(lines, "labels per class", "accuracy", alt, log_x=True, y_range=(0, 1), level=(0.125, "chance"))


def annotator_chart(annotator: AnnotatorMetrics | None) -> Chart | None:
    """Accuracy over the number of labels that a person gives, in the queue's order and in random order."""
    lines = []
    if annotator is None:
        return None
    orders = ((annotator["queue"], PALETTE[1], "the queue's order"), (annotator["random"], GREY, "random order"))
    for rows, colour, name in orders:
        if not rows:
            return None
        x, y = [row["annotations"] for row in rows], [row["accuracy"] for row in rows]
        lines.append(Line(name, x, y, *_bounds(rows), colour, mark=""))
    alt = "Accuracy over labels given by a person, in the queue's order and in random order"
    return line_chart(lines, "labels given", "accuracy over all clips", alt)


def _bounds(rows: Sequence[BudgetMetrics | AnnotationPoint]) -> tuple[list[float], list[float]]:
    """Lower and upper bounds of the accuracies; the accuracy itself where there is no interval."""
    bounds = [row["ci95"] or [row["accuracy"]] * 2 for row in rows]
    return [low for low, _ in bounds], [high for _, high in bounds]


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template.

    labels, control, annotator: parts of propagation.json; comparisons: see `comparison`, on n sounds; columns, best:
    see `best_cells`; single_files: see there; the charts, None where there is nothing to draw; queue: sounds to review,
    each with its audio.
    """
    figures = inputs.propagation
    rows = figures.get("rows") or []
    thesis = [row for row in rows if row["table"] == "thesis"]
    control, annotator = figures.get("negative_control"), figures.get("simulated_annotator")
    columns, best = best_cells(rows)
    entries: list[dict[Any, Any]] = inputs.queue.to_dict("records")
    return {
        "labels": figures.get("labels") or {},
        "comparisons": [comparison(table, thesis) for table in thesis_propagation()],
        "n": thesis[0]["n"] if thesis else 0,
        "control": control or {},
        "control_chart": control_chart(thesis, control),
        "columns": columns,
        "best": best,
        "single_files": single_files(rows),
        "budget_chart": budget_chart(figures.get("budget") or []),
        "annotator": annotator or {},
        "annotator_chart": annotator_chart(annotator),
        "queue": [{**entry, "audio": inputs.player(entry["clip_id"]) or ""} for entry in entries],
    }
