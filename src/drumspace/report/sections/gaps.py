"""Section `gaps`: figures that were not measured, each with its reason."""

from collections.abc import Mapping
from typing import Any, TypedDict

from drumspace.report.inputs import Inputs
from drumspace.report.thesis import thesis_rows
from drumspace.taxonomy import CLASSES

NO_REASON = "the metrics file gives no reason"


class Gap(TypedDict):
    """A figure that the report lacks, and the reason."""

    subject: str
    reason: str


def _gap(subject: str, reason: str) -> Gap:
    return {"subject": subject, "reason": reason}


def recorded_gaps(*metrics: Mapping[str, Any]) -> list[Gap]:
    """Entries under `not_measured` of metrics files; of a figure named more than once, the first reason."""
    entries = [entry for file in metrics for entry in file.get("not_measured") or []]
    reasons: dict[str, str] = {}
    for entry in entries:
        reasons.setdefault(str(entry.get("what")), str(entry.get("why") or NO_REASON))
    return [_gap(subject, reason) for subject, reason in reasons.items()]


def classifier_gaps(inputs: Inputs) -> list[Gap]:
    """Figures of classifiers that are missing, by the split's reasons first."""
    return recorded_gaps(inputs.split, inputs.classifiers)


def generator_gaps(inputs: Inputs) -> list[Gap]:
    """Figures that sets of generated sounds lack."""
    entries = {name: entry for name, entry in inputs.synthesis.items() if isinstance(entry, dict)}
    return [
        _gap(f"{gap['what']} of {name}", gap["why"])
        for name, entry in entries.items()
        for gap in entry.get("not_measured") or []
    ]


def merge_by_reason(gaps: list[Gap]) -> list[Gap]:
    """Gaps with one reason joined into one, in the order of first mention."""
    subjects: dict[str, list[str]] = {}
    for gap in gaps:
        subjects.setdefault(gap["reason"], []).append(gap["subject"])
    return [_gap(", ".join(dict.fromkeys(names)), reason) for reason, names in subjects.items()]


def _unexplained(inputs: Inputs, gaps: list[Gap]) -> list[Gap]:
    """Models without an accuracy, where the metrics files give no reason at all."""
    names = [name for name, figures in inputs.models.items() if figures.get("accuracy") is None]
    return [] if gaps else [_gap(f"accuracy of {name}", NO_REASON) for name in names]


def context(inputs: Inputs) -> list[Gap]:
    """All gaps of the run for the template, joined by reason."""
    gaps = classifier_gaps(inputs)
    gaps += _unexplained(inputs, gaps) + recorded_gaps(
        inputs.ingest, *inputs.details.values(), inputs.label_issues, inputs.propagation, inputs.synthesis
    )
    gaps += generator_gaps(inputs)
    missing = inputs.split.get("validation_lacks")
    if missing:
        gaps.append(_gap("validation of " + ", ".join(missing), "the validation part has no sound of that label"))
    if not inputs.models:
        gaps.append(_gap("any classifier", "classifiers.json holds no model"))
    subjects = " ".join(gap["subject"] for gap in gaps)
    unmeasured = [label for label in CLASSES if label not in inputs.measured_classes and label not in subjects]
    if inputs.models and unmeasured:
        gaps.append(_gap("classification of " + ", ".join(unmeasured), NO_REASON))
    train = inputs.catalog[inputs.catalog["part"] == "train"]
    silent = [label for label in CLASSES if not (train["label"] == label).any()]
    if silent:
        gaps.append(_gap("a sound to play of " + ", ".join(silent), "the training part has none"))
    for name, entry in inputs.sources.items():
        if entry.get("status") == "skipped":
            gaps.append(_gap(f"sounds of {name}", str(entry.get("reason") or "the source was skipped")))
        gaps += [_gap(f"parts of {name}", remark) for remark in entry.get("remarks", ())]
    absent = [row.title for name, row in thesis_rows().items() if name not in inputs.models]
    if absent:
        gaps.append(_gap(", ".join(absent), "in the thesis, but not among the models of this run"))
    return merge_by_reason(gaps)
