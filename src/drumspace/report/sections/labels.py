"""Propagated labels: what they are worth, beside the thesis's tables, and why those were at chance."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.report.charts import GREY, PALETTE, Chart, Line, line_chart
from drumspace.report.inputs import Inputs
from drumspace.report.thesis import ThesisTable, thesis_propagation

FEATURES = ("spec", "mel", "mfcc", "pretrained", "joined")


@dataclass(frozen=True)
class Beside:
    """One figure of the thesis and ours in both readings of its split ratio."""

    thesis: float
    labelled: float | None
    """Ours where the ratio is the labelled share."""
    held_out: float | None
    """Ours where the ratio is the share held out."""


@dataclass(frozen=True)
class Comparison:
    """A table of the thesis beside ours."""

    title: str
    ratios: list[float]
    rows: list[tuple[str, int, list[Beside]]]


@dataclass(frozen=True)
class Best:
    """A method's best cells."""

    method: str
    cells: list[dict[str, Any] | None]


@dataclass(frozen=True)
class Asked:
    """A sound of the review queue."""

    path: str
    suggested: str
    confidence: float
    alike: int
    audio: str


@dataclass(frozen=True)
class Labels:
    """What the section shows."""

    labels: dict[str, Any]
    comparisons: list[Comparison]
    n: int
    control: dict[str, Any]
    control_chart: Chart | None
    columns: list[tuple[str, float]]
    best: list[Best]
    budget_chart: Chart | None
    annotator: dict[str, Any]
    annotator_chart: Chart | None
    queue: list[Asked]


def comparison(table: ThesisTable, rows: list[dict[str, Any]]) -> Comparison:
    """Ours on 2-D UMAP in both readings."""
    ours = {
        (row["feature"], row["k"], round(row["labelled_share"], 3)): row["accuracy"]
        for row in rows
        if row["method"] == table.method and (row["map"], row["dims"], row["supervision"]) == ("umap", 2, "none")
    }
    found = []
    for feature, by_k in table.rows.items():
        for k, values in by_k.items():
            beside = [
                Beside(value, ours.get((feature, k, round(r, 3))), ours.get((feature, k, round(1 - r, 3))))
                for value, r in zip(values, table.ratios, strict=True)
            ]
            found.append((feature, k, beside))
    return Comparison(table.title, table.ratios, found)


def control_chart(rows: list[dict[str, Any]], control: dict[str, Any]) -> Chart | None:
    """Macro recall over the labelled share: matched, permuted, and the thesis's accuracies."""

    own = [row for row in rows if row["method"] == "thesis"]
    mixed = control.get("shares") or []
    if not own or not mixed:
        return None
    shares = sorted({row["labelled_share"] for row in own})
    values = [[row["macro_recall"] for row in own if row["labelled_share"] == share] for share in shares]
    middles = [float(np.mean(v)) for v in values]
    lines = [
        Line(
            "labels matched to their sounds", shares, middles, [min(v) for v in values], [max(v) for v in values],
            PALETTE[1],
        ),
        Line(
            "the same, labels permuted", [row["labelled_share"] for row in mixed],
            [row["macro_recall"] for row in mixed], [row["range"][0] for row in mixed],
            [row["range"][1] for row in mixed], PALETTE[0],
        ),
    ]  # fmt: skip
    table = thesis_propagation()[0]
    theirs = [values for by_k in table.rows.values() for values in by_k.values()]
    middle = np.mean(theirs, axis=0)
    lines.append(
        Line("thesis, table 8.1 (accuracy)", table.ratios, middle.tolist(), np.min(theirs, axis=0).tolist(),
             np.max(theirs, axis=0).tolist(), GREY, "--", "s")
    )  # fmt: skip
    alt = "Macro recall over the labelled share: far above chance where labels are matched, at chance where permuted"
    return line_chart(
        lines, "labelled share (the thesis: split ratio)", "macro recall", alt, y_range=(0, 1),
        level=(control["chance"], "chance"),
    )  # fmt: skip


def best_cells(rows: list[dict[str, Any]]) -> tuple[list[tuple[str, float]], list[Best]]:
    """For each split and share of the tables of methods, each method's best cell; the best method first."""
    cells = [row for row in rows if row["table"] != "thesis" and not row["table"].startswith("all_")]
    columns = sorted({(row["split"], row["labelled_share"]) for row in cells}, key=lambda c: (c[0], -c[1]))
    found = []
    for method in dict.fromkeys(row["method"] for row in cells):
        own: list[dict[str, Any] | None] = []
        for split, share in columns:
            there = [
                row for row in cells if (row["method"], row["split"], row["labelled_share"]) == (method, split, share)
            ]
            own.append(max(there, key=lambda row: row["accuracy"], default=None))
        found.append(Best(method, own))
    found.sort(key=lambda entry: -((entry.cells[0] or {}).get("accuracy") or 0))
    return columns, found


def budget_chart(budget: list[dict[str, Any]]) -> Chart | None:
    """The best method of each feature over the number of labels a class."""
    lines = []
    for number, feature in enumerate(name for name in FEATURES if any(row["feature"] == name for row in budget)):
        counts = sorted({row["labels_per_class"] for row in budget if row["feature"] == feature})
        methods = {row["method"] for row in budget if row["feature"] == feature}
        table = {(row["method"], row["labels_per_class"]): row for row in budget if row["feature"] == feature}
        # Of methods, the one that is best on the whole: one line a feature can still be read.
        best = max(methods, key=lambda m: sum(table[m, c]["accuracy"] for c in counts if (m, c) in table))
        rows = [table[best, count] for count in counts if (best, count) in table]
        bounds = [row["ci95"] or [row["accuracy"]] * 2 for row in rows]
        lines.append(
            Line(f"{feature}, {best}", [row["labels_per_class"] for row in rows], [row["accuracy"] for row in rows],
                 [low for low, _ in bounds], [high for _, high in bounds], PALETTE[number])
        )  # fmt: skip
    if not lines:
        return None
    alt = "Accuracy over labels a class, for each feature with its best method: " + "; ".join(
        f"{line.name} from {line.y[0]:.2f} to {line.y[-1]:.2f}" for line in lines
    )
    return line_chart(lines, "labels a class", "accuracy", alt, log_x=True, y_range=(0, 1), level=(0.125, "chance"))


def annotator_chart(annotator: dict[str, Any]) -> Chart | None:
    """Accuracy over answers, in the queue's order and at random."""
    lines = []
    for order, colour, name in (("queue", PALETTE[1], "the queue's order"), ("random", GREY, "at random")):
        rows = annotator.get(order) or []
        if not rows:
            return None
        bounds = [row["ci95"] or [row["accuracy"]] * 2 for row in rows]
        lines.append(
            Line(name, [row["answers"] for row in rows], [row["accuracy"] for row in rows],
                 [low for low, _ in bounds], [high for _, high in bounds], colour, mark="")
        )  # fmt: skip
    alt = "Accuracy over answers given, in the queue's order and at random"
    return line_chart(lines, "answers", "accuracy over all clips", alt)


def context(inputs: Inputs) -> Labels:
    """The section from its inputs."""
    figures = inputs.propagation
    rows = figures.get("rows") or []
    thesis = [row for row in rows if row["table"] == "thesis"]
    control = figures.get("negative_control") or {}
    columns, best = best_cells(rows)
    queue = []
    entries: list[dict[Any, Any]] = inputs.queue.to_dict("records")
    for entry in entries:
        shown = {key: entry[key] for key in ("path", "suggested", "confidence", "alike")}
        queue.append(Asked(**shown, audio=inputs.player(entry["clip_id"]) or ""))
    return Labels(
        labels=figures.get("labels") or {},
        comparisons=[comparison(table, thesis) for table in thesis_propagation()],
        n=thesis[0]["n"] if thesis else 0,
        control=control,
        control_chart=control_chart(thesis, control),
        columns=columns,
        best=best,
        budget_chart=budget_chart(figures.get("budget") or []),
        annotator=figures.get("annotator") or {},
        annotator_chart=annotator_chart(figures.get("annotator") or {}),
        queue=queue,
    )
