"""The page's head: the run in three sentences."""

from dataclasses import dataclass

from drumspace.report.inputs import Inputs
from drumspace.report.sections.data import sources
from drumspace.report.sections.synthesis import MADE, TITLES
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
    nearest: str | None
    """The generator whose sounds are nearest to real ones."""
    distance: float | None
    """Its kernel distance."""
    floor: float | None
    """That of real sounds."""
    trained_floor: bool
    """Whether these are of the kits that generators learn from."""
    noise: float | None


def context(inputs: Inputs) -> Headline:
    """The section from its inputs."""
    rows = sources(inputs)
    figures = inputs.models[inputs.best] if inputs.best else {}
    interval = figures.get("accuracy_ci95")
    distances = {name: value for name in MADE if (value := distance_of(inputs, name)) is not None}
    nearest = min(distances, key=lambda name: distances[name], default=None)
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
        nearest=TITLES[nearest][0] if nearest else None,
        distance=distances[nearest] if nearest else None,
        floor=distance_of(inputs, "floor"),
        trained_floor=bool(inputs.synthesis.get("floor_is_trained_on")),
        noise=distance_of(inputs, "noise"),
    )


def distance_of(inputs: Inputs, name: str) -> float | None:
    """Kernel distance of a set of sounds, where it was measured."""
    return (inputs.synthesis.get(name) or {}).get("kernel_distance")
