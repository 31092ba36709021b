"""The comparison of classifiers, beside the thesis's table 7.1."""

from dataclasses import dataclass
from typing import Any

from drumspace.report.inputs import Inputs
from drumspace.report.sections.gaps import Gap, merged, of_classifiers
from drumspace.report.thesis import ThesisRow, thesis_rows
from drumspace.taxonomy import CLASSES

TITLES = {
    "svm": "kernel SVM on pooled log-mel and MFCC",
    "efficientnet_lite0": "EfficientNet-Lite0 on the spectrogram",
    "aisfx_cnn9": "CNN9 of aisfx on the spectrogram",
    "committee": "the mean vote of models chosen on validation data",
}
"""Models that the thesis does not have."""
SCRATCH = "trained from scratch"
SCORES = ("accuracy", "precision", "recall", "f1")


@dataclass(frozen=True)
class ModelRow:
    """A model of ours, of the thesis, or of both."""

    name: str
    title: str
    state: str
    """measured, not measured or not run."""
    best: bool
    scores: dict[str, float | None]
    interval: tuple[float, float] | None
    intervals: dict[str, tuple[float, float] | None]
    """Of precision, recall and F1."""
    n: int | None
    calibration_error: float | None
    validation: dict[str, Any]
    unseen: dict[str, Any]
    splits: dict[str, Any]
    parameters: int | None
    weights: str
    note: str
    """How it was trained, or who sits in the committee."""
    thesis: ThesisRow | None


@dataclass(frozen=True)
class Cell:
    """Sounds of one true class that were given one answer."""

    count: int
    share: float | None
    """Of the true class's sounds; null where there are none."""
    title: str
    right: bool


@dataclass(frozen=True)
class Confusion:
    """A model's confusion matrix; rows are truth."""

    name: str
    n: int
    accuracy: float | None
    rows: list[tuple[str, list[Cell]]]
    worst: list[str]


@dataclass(frozen=True)
class Classifiers:
    """What the section shows."""

    rows: list[ModelRow]
    confusions: list[Confusion]
    chance: float | None
    commonest: float | None
    """Accuracy of always answering the test part's commonest class, where the part is not balanced."""
    reasons: list[Gap]
    verdict: str


def _pair(value: Any) -> tuple[float, float] | None:
    return (value[0], value[1]) if value and None not in value else None


def _weights(figures: dict[str, Any]) -> str:
    weights, trainable = figures.get("weights"), figures.get("trainable")
    start = {"random": "from scratch", None: ""}.get(weights, f"from {weights}")
    if (figures.get("weights_reason") or SCRATCH) != SCRATCH:
        start = "random, not pretrained" if weights == "random" else f"{start}, partly random, not pretrained"
    return f"{start}, head only" if trainable == "head" else start


def _row(name: str, inputs: Inputs) -> ModelRow:
    figures, thesis = inputs.models.get(name), thesis_rows().get(name)
    known = figures or {}
    measured = known.get("accuracy") is not None
    return ModelRow(
        name=name,
        title=thesis.title if thesis else TITLES.get(name, ""),
        state="measured" if measured else "not run" if figures is None else "not measured",
        best=name == inputs.best,
        scores={score: known.get(score) for score in SCORES},
        interval=_pair(known.get("accuracy_ci95")),
        intervals={score: _pair(known.get(f"{score}_ci95")) for score in SCORES[1:]},
        n=known.get("n"),
        calibration_error=known.get("calibration_error"),
        validation=known.get("validation") or {},
        unseen=known.get("all_unseen") or {},
        splits=(inputs.classifiers.get("splits") or {}).get(name) or {},
        parameters=known.get("parameters"),
        weights=_weights(known),
        note=", ".join(known.get("members") or []) or known.get("note") or "",
        thesis=thesis,
    )


def model_rows(inputs: Inputs) -> list[ModelRow]:
    """Our models by accuracy, those without a figure after them, then the thesis's that were not run."""
    rows = [_row(name, inputs) for name in dict.fromkeys([*inputs.models, *thesis_rows()])]
    order = {"measured": 0, "not measured": 1, "not run": 2}

    def key(row: ModelRow) -> tuple[int, float, str]:
        accuracy = row.scores["accuracy"] if row.state == "measured" else row.thesis and row.thesis.accuracy
        return order[row.state], -(accuracy or 0.0), row.name

    return sorted(rows, key=key)


def confusion(name: str, figures: dict[str, Any]) -> Confusion:
    """The matrix of one model: counts, shares of each true class, and its three commonest mistakes."""
    counts = figures["confusion"]
    rows, mistakes = [], []
    for truth, line in zip(CLASSES, counts, strict=True):
        total = sum(line)
        cells = []
        for answer, count in zip(CLASSES, line, strict=True):
            title = f"{count} of {total} {truth} sounds were called {answer}"
            cells.append(Cell(count, count / total if total else None, title, truth == answer))
            if count and truth != answer:
                mistakes.append((-count / total, truth, answer, f"{truth} called {answer}: {count} of {total}"))
        rows.append((truth, cells))
    worst = [text for *_, text in sorted(mistakes)[:3]]
    return Confusion(name, sum(map(sum, counts)), figures.get("accuracy"), rows, worst)


def _commonest(confusions: list[Confusion]) -> float | None:
    totals = [sum(cell.count for cell in cells) for _, cells in confusions[0].rows] if confusions else []
    held = [total for total in totals if total]
    return max(held) / sum(held) if held and max(held) != min(held) else None


def verdict(rows: list[ModelRow]) -> str:
    """One sentence: what may be said of our best accuracy beside the thesis's best, and what may not."""
    ours = next((row for row in rows if row.best and row.state == "measured" and row.interval), None)
    if ours is None or ours.interval is None:
        return ""
    theirs = max(thesis_rows().values(), key=lambda row: row.accuracy)
    low, high = theirs.interval
    apart = ours.interval[0] > high or ours.interval[1] < low
    text = (
        f"{ours.name} at {ours.scores['accuracy']:.3f} ({ours.interval[0]:.3f} to {ours.interval[1]:.3f})"
        f" and the thesis's best at {theirs.accuracy:.2f} ({low:.3f} to {high:.3f}, of {theirs.n} sounds)"
    )
    if apart:
        return f"{text} lie apart; but the sounds differ, and so may their difficulty."
    return f"{text} overlap: neither can be called better, and the sounds differ."


def context(inputs: Inputs) -> Classifiers:
    """The section from its inputs."""
    rows = model_rows(inputs)
    by_name = {row.name: row for row in rows}
    confusions = [
        confusion(name, inputs.models[name]) for name in by_name if inputs.models.get(name, {}).get("confusion")
    ]
    classes = inputs.measured_classes
    return Classifiers(
        rows=rows,
        confusions=confusions,
        chance=1 / len(classes) if classes and confusions else None,
        commonest=_commonest(confusions),
        reasons=merged(of_classifiers(inputs)),
        verdict=verdict(rows),
    )
