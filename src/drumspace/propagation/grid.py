"""The tables of propagation: every method in every space on the same labels, and nothing of those held out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.io.settings import Params
from drumspace.maps.neighbours import Neighbours
from drumspace.metrics.classification.classification import macro_recall
from drumspace.metrics.classification.intervals import student_ci95
from drumspace.propagation import registry
from drumspace.propagation.cell import Cell

Fitted = Callable[[np.ndarray], np.ndarray]
"""Labels [n], -1 where they are held out → probabilities [n, C] of a classifier trained on the others."""


@dataclass(frozen=True)
class Space:
    """Where points are neighbours."""

    feature: str
    map: str
    """umap or tsne; pca for principal components, full for the feature itself, none for a method without neighbours."""
    dims: int
    supervision: str
    """none, or labels: the space is made anew for each cell, from the labels that are known in it."""
    neighbours: Callable[[np.ndarray], Neighbours]
    """From labels [n], -1 where they are held out; a space without supervision looks at none of them."""


@dataclass(frozen=True)
class Known:
    """Which labels are known in a cell."""

    split: str
    """clip or kit."""
    share: float
    seed: int
    mask: np.ndarray
    """bool [n]: whose label is known."""
    asked: np.ndarray
    """bool [n]: who is asked about; none of them is known."""


def cells(
    labels: np.ndarray,
    n_classes: int,
    known: Known,
    spaces: list[Space],
    methods: dict[str, Params],
    ks: list[int],
    fitted: Fitted,
    heard: str,
) -> Iterator[dict[str, Any]]:
    """One row for each space, method and k: what it said of the points whose labels are held out.

    labels: class indices [n], all of them known to the caller; what is held out is taken away here, before anything
    is fitted. Accuracy counts an abstention as wrong; `answered` is the share that got an answer. A method that looks
    at no neighbours has one row, whose feature is what the classifier heard: `heard`.
    """
    shown = np.where(known.mask, labels, -1)
    truth, asked = labels[known.asked], known.asked
    probabilities = fitted(shown) if any(map(registry.uses_classifier, methods)) else None
    alone = [name for name in methods if not registry.uses_neighbours(name)]
    nobody = Neighbours.from_points(np.zeros((len(labels), 1)), 0)
    everywhere = {"labelled_share": known.share, "split": known.split, "seed": known.seed}
    place: dict[str, Any]
    for name in alone:
        said = registry.scores(name, Cell(nobody, shown, n_classes, probabilities), 0, methods[name])
        place = {"feature": heard, "map": "none", "dims": None, "supervision": "none", "k": None}
        yield {"method": name, **place, **everywhere, **score(said[asked], truth)}
    for space in spaces:
        cell = Cell(space.neighbours(shown), shown, n_classes, probabilities)
        place = {"feature": space.feature, "map": space.map, "dims": space.dims, "supervision": space.supervision}
        for name, settings in methods.items():
            for k in ks if name not in alone else ():
                figures = score(registry.scores(name, cell, k, settings)[asked], truth)
                yield {"method": name, **place, "k": k, **everywhere, **figures}


def score(said: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Accuracy, macro recall, share answered and n; said: scores [n, C], rows of zeros abstain; truth: [n]."""
    answered = said.any(axis=1)
    predicted = np.where(answered, said.argmax(axis=1), -1)
    return {
        "accuracy": float(np.mean(predicted == truth)),
        "macro_recall": macro_recall(truth, predicted),
        "predicted": float(answered.mean()),
        "n": len(truth),
    }


KEYS = ("method", "feature", "map", "dims", "supervision", "k", "labelled_share", "split")


def over_seeds(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that differ in their seed alone as one: means, and the 95 % interval of the mean accuracy (Student's t).

    n is the mean number of points asked about; the interval is null with one seed.
    """
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in KEYS), []).append(row)
    return [
        {
            **dict(zip(KEYS, key, strict=True)),
            **{
                name: float(np.mean([row[name] for row in group])) for name in ("accuracy", "macro_recall", "predicted")
            },
            "ci95": student_ci95([row["accuracy"] for row in group]),
            "n": round(float(np.mean([row["n"] for row in group]))),
            "seeds": len(group),
        }
        for key, group in groups.items()
    ]
