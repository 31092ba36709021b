"""Tables of the second level: details that names give on the corpus, and classifiers of them."""

from collections.abc import Callable
from typing import Any

from benchmarks.tables.doc_tables import CORPUS, number, rows_to_text
from drumspace.io.json_files import read_json


def details() -> str:
    """Precision and coverage of the classifiers, by what is held out."""
    return detail_rows(read_json(CORPUS / "details.json")["rows"])


def detail_rows(measured: list[dict[str, Any]]) -> str:
    """A row for each detail and unit held out; columns for each target precision. measured: `rows` of details.json."""
    targets = sorted({row["target_precision"] for row in measured})
    by_case = {(row["label"], row["unseen"], row["target_precision"]): row for row in measured}
    rows = []
    for label, unit in dict.fromkeys((row["label"], row["unseen"]) for row in measured):
        figures = [by_case[label, unit, target] for target in targets]
        for name, detail in figures[0]["details"].items():
            cells = [cell(row["details"][name]) for row in figures]
            sounds = f"{detail['n']} ({detail['kits']}, {detail['sources']})"
            rows.append([f"{name} {label}", sounds, f"{unit}s", *cells])
    head = ["detail", "named sounds (kits, sources)", "unseen"]
    return rows_to_text(
        [*head, *(f"target {target}: precision of given details (95 %), coverage" for target in targets)], rows
    )


def cell(row: dict[str, Any]) -> str:
    """Precision, of how many, with its interval, and coverage; whether the detail is off in the end."""
    end = "" if row["given"] else "; off"
    if row["precision"] is None:
        return f"not given{end}"
    interval = "" if row["precision_ci95"] is None else " ({:.2f} to {:.2f})".format(*row["precision_ci95"])
    return f"{number(row['precision'])} of {row['predicted']}{interval}, {number(row['coverage'], 2)}{end}"


def names() -> str:
    """Sounds whose names give a detail, and their decay times."""
    return name_rows(read_json(CORPUS / "naming_details.json")["classes"])


def name_rows(classes: dict[str, Any]) -> str:
    """A row for each detail, and for sounds without one. classes: of naming_details.json."""
    rows = []
    for label, figures in classes.items():
        for name, row in figures["details"].items():
            decay = row["decay_seconds"]
            times = "–" if decay is None else f"{decay[1]:.2f} ({decay[0]:.2f} to {decay[2]:.2f})"
            title = f"{label} without a detail" if name == "none" else f"{name} {label}"
            rows.append([title, f"{row['n']:,}", str(row["sources"]), times])
    return rows_to_text(["detail", "sounds", "sources", "decay to −30 dB in seconds, median (quartiles)"], rows)


TABLES: dict[str, Callable[[], str]] = {"details": details, "names of details": names}
