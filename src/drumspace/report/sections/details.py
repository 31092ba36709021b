"""Section `details`: open, closed and pedal hats, 808 and acoustic kicks: which are given, and how precisely."""

from typing import Any, TypedDict

from drumspace.metrics.classification.details_contract import DetailRow, UnmeasuredDetails
from drumspace.report.inputs import Inputs


class ReportRow(TypedDict):
    """A detail in the table."""

    name: str
    row: DetailRow
    below_target: bool
    """It is given, and its precision on unseen sounds misses the target."""


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template.

    classes: (label, figures, rows) of the classes with a classifier; missing: (label, reason) of the others; given:
    names of all details that are given; target: target precision, None without a classifier.
    """
    classes, missing = [], []
    for label, figures in inputs.details.items():
        if "not_measured" in figures:
            missing.append((label, _reason(figures)))
        else:
            classes.append(
                (label, figures, [_row(*item, figures["target_precision"]) for item in figures["details"].items()])
            )
    return {
        "classes": classes,
        "missing": missing,
        "given": [f"{row['name']} {label}" for label, _, rows in classes for row in rows if row["row"]["given"]],
        "target": classes[0][1]["target_precision"] if classes else None,
    }


def _reason(figures: UnmeasuredDetails) -> str:
    return "; ".join(entry["why"] for entry in figures["not_measured"])


def _row(name: str, row: DetailRow, target: float) -> ReportRow:
    below = row["given"] and row["precision"] is not None and row["precision"] < target
    return {"name": name, "row": row, "below_target": below}
