"""Which differences between classifiers are real, where the best was sure and wrong, and which labels are in doubt."""

from dataclasses import dataclass
from typing import Any

from drumspace.report.inputs import Inputs

REAL = 0.05
"""A difference with an adjusted p below this is called real."""


@dataclass(frozen=True)
class Cell:
    """Two models on the same sounds."""

    text: str
    title: str
    real: bool


@dataclass(frozen=True)
class Mistake:
    """A sound that was called something else with confidence."""

    path: str
    label: str
    said: str
    confidence: float
    agree: int
    models: int
    doubt: str
    """What that suggests."""
    audio: str


@dataclass(frozen=True)
class Doubt:
    """A training label that a classifier doubts."""

    path: str
    label: str
    suggested: str
    quality: float
    audio: str


@dataclass(frozen=True)
class Differences:
    """What the section shows."""

    names: list[str]
    rows: list[tuple[str, list[Cell | None]]]
    n: int
    real: int
    pairs: int
    labeller: dict[str, Any]
    mistakes: list[Mistake]
    doubts: list[Doubt]
    issues: dict[str, Any]


def _p(value: float) -> str:
    return "< .001" if value < 0.001 else f"{value:.3f}".replace("0.", ".", 1) if value < 1 else "1"


def matrix(pairs: list[dict[str, Any]], names: list[str]) -> list[tuple[str, list[Cell | None]]]:
    """For each model, a cell beside every other: who was right more often, and the adjusted p."""
    cells: dict[tuple[str, str], Cell] = {}
    for pair in pairs:
        first, second, a, b, p = (pair[key] for key in ("first", "second", "only_first", "only_second", "p_holm"))
        for one, other, won, lost in ((first, second, a, b), (second, first, b, a)):
            title = f"{one} alone was right on {won} sounds, {other} alone on {lost}; adjusted p {_p(p)}"
            cells[one, other] = Cell(f"{won - lost:+d}" if won != lost else "0", title, p < REAL)
    return [(one, [cells.get((one, other)) for other in names]) for one in names]


def mistakes(inputs: Inputs) -> list[Mistake]:
    """The confident errors of classifiers.json with their sounds."""
    found = []
    for error in inputs.classifiers.get("confident_errors") or []:
        audio = inputs.player(error["clip_id"])
        if audio is None:
            continue
        agree, models = error["agree"], error["models"]
        doubt = "the label, perhaps" if 2 * agree > models else "the model, perhaps"
        said = {key: error[key] for key in ("label", "said", "confidence", "path")}
        found.append(Mistake(**said, agree=agree, models=models, doubt=doubt, audio=audio))
    return found


def doubts(inputs: Inputs) -> list[Doubt]:
    """The listed labels in doubt with their sounds."""
    found = []
    entries: list[dict[Any, Any]] = inputs.doubted.to_dict("records")
    for entry in entries:
        shown = {key: entry[key] for key in ("path", "label", "suggested", "quality")}
        found.append(Doubt(**shown, audio=inputs.player(entry["clip_id"]) or ""))
    return found


def context(inputs: Inputs) -> Differences:
    """The section from its inputs."""
    table = inputs.classifiers.get("pairs") or {}
    pairs = table.get("rows") or []
    accuracy = {name: figures.get("accuracy") or 0.0 for name, figures in inputs.models.items()}
    names = sorted(dict.fromkeys(pair[key] for pair in pairs for key in ("first", "second")))
    names.sort(key=lambda name: -accuracy.get(name, 0.0))
    return Differences(
        names=names,
        rows=matrix(pairs, names),
        n=table.get("n") or 0,
        real=sum(pair["p_holm"] < REAL for pair in pairs),
        pairs=len(pairs),
        labeller=inputs.classifiers.get("label") or {},
        mistakes=mistakes(inputs),
        doubts=doubts(inputs),
        issues=inputs.label_issues,
    )
