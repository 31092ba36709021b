"""What was not measured, and why: said as loudly as what was."""

from dataclasses import dataclass
from typing import Any

from drumspace.artifacts import CLASSES
from drumspace.report.inputs import Inputs
from drumspace.report.thesis import thesis_rows

NO_REASON = "no reason stands in the metrics file"


@dataclass(frozen=True)
class Gap:
    """A figure that the report does not have."""

    what: str
    why: str


def recorded(metrics: dict[str, Any]) -> list[Gap]:
    """The entries that a metrics file has under `not_measured`."""
    return [
        Gap(str(entry.get("what")), str(entry.get("why") or NO_REASON)) for entry in metrics.get("not_measured") or []
    ]


def _unexplained(inputs: Inputs, told: list[Gap]) -> list[Gap]:
    """Models without an accuracy that no entry names, where no entry speaks of all."""
    nulls = [name for name, figures in inputs.models.items() if figures.get("accuracy") is None]
    return [] if told else [Gap(f"accuracy of {name}", NO_REASON) for name in nulls]


def context(inputs: Inputs) -> list[Gap]:
    """The section from its inputs."""
    gaps = recorded(inputs.classifiers)
    gaps += _unexplained(inputs, gaps) + recorded(inputs.split) + recorded(inputs.ingest)
    if not inputs.models:
        gaps.append(Gap("any classifier", "classifiers.json holds no model"))
    unmeasured = [label for label in CLASSES if label not in inputs.measured_classes]
    if unmeasured:
        gaps.append(Gap("classification of " + ", ".join(unmeasured), "too few labelled sounds to split"))
    silent = [
        label for label in CLASSES if not (inputs.catalog[inputs.catalog["part"] == "train"]["label"] == label).any()
    ]
    if silent:
        gaps.append(Gap("a sound to hear of " + ", ".join(silent), "the training part has none"))
    skipped = [name for name, entry in inputs.sources.items() if entry.get("status") == "skipped"]
    gaps += [
        Gap(f"sounds of {name}", str(inputs.sources[name].get("reason") or "the source was skipped"))
        for name in skipped
    ]
    absent = [row.title for name, row in thesis_rows().items() if name not in inputs.models]
    if absent:
        gaps.append(Gap("; ".join(absent), "in the thesis, but params.yaml lists no such model"))
    return list(dict.fromkeys(gaps))
