"""What was not measured, and why: said as loudly as what was."""

from dataclasses import dataclass
from typing import Any

from drumspace.report.inputs import Inputs
from drumspace.report.thesis import thesis_rows
from drumspace.taxonomy import CLASSES

NO_REASON = "no reason stands in the metrics file"


@dataclass(frozen=True)
class Gap:
    """A figure that the report does not have."""

    what: str
    why: str


def recorded(*metrics: dict[str, Any]) -> list[Gap]:
    """The entries of metrics files under `not_measured`; the first reason of each."""
    entries = [entry for file in metrics for entry in file.get("not_measured") or []]
    reasons: dict[str, str] = {}
    for entry in entries:
        reasons.setdefault(str(entry.get("what")), str(entry.get("why") or NO_REASON))
    return [Gap(what, why) for what, why in reasons.items()]


def of_classifiers(inputs: Inputs) -> list[Gap]:
    """What keeps classifiers from being measured, from the split on."""
    return recorded(inputs.split, inputs.classifiers)


def of_generators(inputs: Inputs) -> list[Gap]:
    """Figures that sets of generated sounds do not have."""
    entries = {name: entry for name, entry in inputs.synthesis.items() if isinstance(entry, dict)}
    return [
        Gap(f"{gap['what']} of {name}", gap["why"])
        for name, entry in entries.items()
        for gap in entry.get("not_measured") or []
    ]


def merged(gaps: list[Gap]) -> list[Gap]:
    """Gaps of one reason as one, in the order of first mention."""
    together: dict[str, list[str]] = {}
    for gap in gaps:
        together.setdefault(gap.why, []).append(gap.what)
    return [Gap(", ".join(dict.fromkeys(names)), why) for why, names in together.items()]


def _unexplained(inputs: Inputs, told: list[Gap]) -> list[Gap]:
    """Models without an accuracy that no entry names, where no entry speaks of all."""
    nulls = [name for name, figures in inputs.models.items() if figures.get("accuracy") is None]
    return [] if told else [Gap(f"accuracy of {name}", NO_REASON) for name in nulls]


def context(inputs: Inputs) -> list[Gap]:
    """The section from its inputs."""
    gaps = of_classifiers(inputs)
    gaps += _unexplained(inputs, gaps) + recorded(inputs.ingest, inputs.propagation, inputs.synthesis)
    gaps += of_generators(inputs)
    lacks = inputs.split.get("validation_lacks")
    if lacks:
        gaps.append(Gap("validation of " + ", ".join(lacks), "the validation part has no sound of that label"))
    if not inputs.models:
        gaps.append(Gap("any classifier", "classifiers.json holds no model"))
    told = " ".join(gap.what for gap in gaps)
    unmeasured = [label for label in CLASSES if label not in inputs.measured_classes and label not in told]
    if inputs.models and unmeasured:
        gaps.append(Gap("classification of " + ", ".join(unmeasured), NO_REASON))
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
        gaps.append(Gap(", ".join(absent), "in the thesis; not among the models of this run"))
    return merged(gaps)
