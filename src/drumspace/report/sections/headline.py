"""Head of the page: the run in three sentences."""

from collections.abc import Mapping
from typing import Any

from drumspace.report.inputs import Inputs
from drumspace.report.sections.data import sources
from drumspace.report.sections.synthesis import GENERATED, title_of
from drumspace.report.thesis import thesis_rows


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template.

    clips, labelled, sources, skipped, classes: counts; best, accuracy, interval, n, chance, models, thesis: the best
    classifier, the number of trained ones (a committee is not trained) and the reference; nearest, distance, floor,
    trained_floor, noise: the generator with the smallest kernel distance, the distances of real sounds (of the training
    kits where trained_floor) and of noise.
    """
    rows = sources(inputs)
    figures: Mapping[str, Any] = inputs.models[inputs.best] if inputs.best else {}
    interval = figures.get("accuracy_ci95")
    distances = {name: value for name in GENERATED if (value := kernel_distance(inputs, name)) is not None}
    nearest = min(distances, key=lambda name: distances[name], default=None)
    return {
        "clips": inputs.ingest.get("clips"),
        "labelled": inputs.ingest.get("labelled"),
        "sources": sum(row["state"] == "used" for row in rows),
        "skipped": sum(row["state"] == "skipped" for row in rows),
        "classes": int(inputs.catalog["label"].nunique()),
        "best": inputs.best,
        "accuracy": figures.get("accuracy"),
        "interval": (interval[0], interval[1]) if interval and None not in interval else None,
        "n": figures.get("n"),
        "chance": 1 / len(inputs.measured_classes) if inputs.measured_classes else None,
        "models": sum(row.get("accuracy") is not None for name, row in inputs.models.items() if name != "committee"),
        "thesis": max(thesis_rows().values(), key=lambda row: row.accuracy),
        "nearest": title_of(nearest) if nearest else None,
        "distance": distances[nearest] if nearest else None,
        "floor": kernel_distance(inputs, "floor"),
        "trained_floor": bool(inputs.synthesis.get("floor_is_trained_on")),
        "noise": kernel_distance(inputs, "noise"),
    }


def kernel_distance(inputs: Inputs, name: str) -> float | None:
    """Kernel distance of the set of sounds `name`; None where it was not measured."""
    return (inputs.synthesis.get(name) or {}).get("kernel_distance")
