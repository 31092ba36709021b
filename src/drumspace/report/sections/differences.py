"""Section `differences`: significant differences between classifiers, confident errors, labels in doubt."""

from typing import Any

from drumspace.metrics.classification.contract import PairRow
from drumspace.report.inputs import Inputs

ALPHA = 0.05
"""Level of significance: a difference with an adjusted p below it is significant."""


def _p(value: float) -> str:
    return "< .001" if value < 0.001 else f"{value:.3f}".replace("0.", ".", 1) if value < 1 else "1"


def matrix(pairs: list[PairRow], names: list[str]) -> list[tuple[str, list[dict[str, Any] | None]]]:
    """Comparison of every pair of models: (name, cells in the order of `names`), None on the diagonal.

    A cell holds the row's lead in correct sounds over the column as text, a title with the adjusted p, and whether
    the difference is significant.
    """
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for pair in pairs:
        first, second, p = pair["first"], pair["second"], pair["p_holm"]
        a, b = pair["only_first"], pair["only_second"]
        for one, other, won, lost in ((first, second, a, b), (second, first, b, a)):
            title = f"only {one} was right on {won} sounds, only {other} on {lost}; adjusted p {_p(p)}"
            text = f"{won - lost:+d}" if won != lost else "0"
            cells[one, other] = {"text": text, "title": title, "significant": p < ALPHA}
    return [(one, [cells.get((one, other)) for other in names]) for one in names]


def mistakes(inputs: Inputs) -> list[dict[str, Any]]:
    """Confident errors of classifiers.json with their sounds; an error whose clip is gone is left out."""
    rows = []
    for error in inputs.classifiers.get("confident_errors") or []:
        audio = inputs.player(error["clip_id"])
        if audio is not None:
            suspect = "the label may be wrong" if 2 * error["agree"] > error["models"] else "the model may be wrong"
            rows.append({**error, "suspect": suspect, "audio": audio})
    return rows


def doubts(inputs: Inputs) -> list[dict[str, Any]]:
    """Labels in doubt that are listed, with their sounds."""
    entries: list[dict[Any, Any]] = inputs.doubted.to_dict("records")
    return [{**entry, "audio": inputs.player(entry["clip_id"]) or ""} for entry in entries]


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template.

    names, rows: see `matrix`, the most accurate model first; n: sounds of the comparison; significant, pairs: numbers
    of pairs; labeller: classifiers.json's `label`; thresholds: its confidence thresholds, one a class; mistakes,
    doubts: lists; issues: label_issues.json.
    """
    table = inputs.classifiers.get("pairs") or {}
    pairs = table.get("rows") or []
    labeller = inputs.classifiers.get("label") or {}
    accuracy = {name: figures.get("accuracy") or 0.0 for name, figures in inputs.models.items()}
    names = sorted(dict.fromkeys(pair[key] for pair in pairs for key in ("first", "second")))
    names.sort(key=lambda name: -accuracy.get(name, 0.0))
    return {
        "names": names,
        "rows": matrix(pairs, names),
        "n": table.get("n") or 0,
        "significant": sum(pair["p_holm"] < ALPHA for pair in pairs),
        "pairs": len(pairs),
        "labeller": labeller,
        "thresholds": list(((labeller.get("thresholds") or {}).get(labeller.get("model")) or {}).values()),
        "mistakes": mistakes(inputs),
        "doubts": doubts(inputs),
        "issues": inputs.label_issues,
    }
