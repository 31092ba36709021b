"""The page's head: the run in three sentences."""

from dataclasses import dataclass

from drumspace.report.inputs import Inputs
from drumspace.report.sections.data import sources
from drumspace.report.thesis import ThesisRow, thesis_rows


@dataclass(frozen=True)
class Headline:
    """What the section shows."""

    clips: int | None
    labelled: int | None
    sources: int
    """That gave at least one sound."""
    skipped: int
    classes: int
    """With a labelled sound."""
    best: str | None
    accuracy: float | None
    interval: tuple[float, float] | None
    n: int | None
    chance: float | None
    models: int
    thesis: ThesisRow


def context(inputs: Inputs) -> Headline:
    """The section from its inputs."""
    rows = sources(inputs)
    figures = inputs.models[inputs.best] if inputs.best else {}
    interval = figures.get("accuracy_ci95")
    return Headline(
        clips=inputs.ingest.get("clips"),
        labelled=inputs.ingest.get("labelled"),
        sources=sum(row.state == "used" for row in rows),
        skipped=sum(row.state == "skipped" for row in rows),
        classes=int(inputs.catalog["label"].nunique()),
        best=inputs.best,
        accuracy=figures.get("accuracy"),
        interval=(interval[0], interval[1]) if interval and None not in interval else None,
        n=figures.get("n"),
        chance=1 / len(inputs.measured_classes) if inputs.measured_classes else None,
        models=sum(model.get("accuracy") is not None for model in inputs.models.values()),
        thesis=max(thesis_rows().values(), key=lambda row: row.accuracy),
    )
