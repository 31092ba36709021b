"""Evaluation of propagation methods: every method in every space with the same labels held out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.io.settings import Params
from drumspace.maps.neighbours import Neighbours
from drumspace.metrics.classification.classification import macro_recall
from drumspace.metrics.classification.intervals import student_ci95
from drumspace.metrics.classification.propagation_contract import CellMetrics
from drumspace.propagation import registry
from drumspace.propagation.cell import Cell

Classifier = Callable[[np.ndarray], np.ndarray]
"""Labels int [n], -1 for held-out points → probabilities [n, C] of a classifier trained on the labelled points."""


@dataclass(frozen=True)
class Space:
    """A space with distances between points, and its description in propagation.json."""

    feature: str
    map: str
    """umap or tsne; pca for principal components, full for the feature itself, none for a method without neighbours."""
    dims: int
    supervision: str
    """none, or labels: the space is computed for each cell from the labels that are not held out."""
    neighbours: Callable[[np.ndarray], Neighbours]
    """Neighbours from labels [n], -1 for held-out points; a space without supervision ignores the labels."""


@dataclass(frozen=True)
class LabelMask:
    """Points whose labels the methods use, and points whose labels they predict."""

    split: str
    """clip or kit."""
    share: float
    seed: int
    labelled: np.ndarray
    """bool [n]: points with a label."""
    held_out: np.ndarray
    """bool [n]: points whose predictions are evaluated; none of them is labelled."""


def evaluate_cells(
    labels: np.ndarray,
    n_classes: int,
    mask: LabelMask,
    spaces: list[Space],
    methods: dict[str, Params],
    ks: list[int],
    classifier: Classifier,
    classifier_feature: str,
) -> Iterator[dict[str, Any]]:
    """One row for each space, method and k: metrics of the predictions for the held-out points.

    labels: class indices of all points, int [n]; held-out labels are removed here, before anything is fitted. A method
    without neighbours has one row, whose feature is the classifier's input, `classifier_feature`.
    """
    masked_labels = np.where(mask.labelled, labels, -1)
    truth, held_out = labels[mask.held_out], mask.held_out
    probabilities = classifier(masked_labels) if any(map(registry.uses_classifier, methods)) else None
    without_neighbours = [name for name in methods if not registry.uses_neighbours(name)]
    no_neighbours = Neighbours.from_points(np.zeros((len(labels), 1)), 0)
    mask_columns = {"labelled_share": mask.share, "split": mask.split, "seed": mask.seed}
    space_columns: dict[str, Any]
    for name in without_neighbours:
        cell = Cell(no_neighbours, masked_labels, n_classes, probabilities)
        metrics = score(registry.scores(name, cell, 0, methods[name])[held_out], truth)
        space_columns = {"feature": classifier_feature, "map": "none", "dims": None, "supervision": "none"}
        yield {"method": name, **space_columns, "k": None, **mask_columns, **metrics}
    for space in spaces:
        cell = Cell(space.neighbours(masked_labels), masked_labels, n_classes, probabilities)
        space_columns = {
            "feature": space.feature, "map": space.map, "dims": space.dims, "supervision": space.supervision,
        }  # fmt: skip
        for name, settings in methods.items():
            for k in ks if name not in without_neighbours else ():
                metrics = score(registry.scores(name, cell, k, settings)[held_out], truth)
                yield {"method": name, **space_columns, "k": k, **mask_columns, **metrics}


def score(probs: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Accuracy, macro recall, share of points with a prediction, and n; an abstention counts as wrong.

    probs: scores [n, C], rows of zeros abstain; truth: class indices [n].
    """
    has_prediction = probs.any(axis=1)
    predicted = np.where(has_prediction, probs.argmax(axis=1), -1)
    return {
        "accuracy": float(np.mean(predicted == truth)),
        "macro_recall": macro_recall(truth, predicted),
        "predicted": float(has_prediction.mean()),
        "n": len(truth),
    }


KEYS = ("method", "feature", "map", "dims", "supervision", "k", "labelled_share", "split")
"""Columns that rows of different seeds have in common."""


def mean_over_seeds(table: str, rows: list[dict[str, Any]]) -> list[CellMetrics]:
    """Merge the rows of a table that differ in their seed alone: means, and the 95 % interval of the accuracy.

    n is the mean number of held-out points; the interval (Student's t) is null with one seed.
    """
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in KEYS), []).append(row)
    return [
        {
            "table": table,
            "method": group[0]["method"],
            "feature": group[0]["feature"],
            "map": group[0]["map"],
            "dims": group[0]["dims"],
            "supervision": group[0]["supervision"],
            "k": group[0]["k"],
            "labelled_share": group[0]["labelled_share"],
            "split": group[0]["split"],
            "accuracy": float(np.mean([row["accuracy"] for row in group])),
            "macro_recall": float(np.mean([row["macro_recall"] for row in group])),
            "predicted": float(np.mean([row["predicted"] for row in group])),
            "ci95": student_ci95([row["accuracy"] for row in group]),
            "n": round(float(np.mean([row["n"] for row in group]))),
            "seeds": len(group),
        }
        for group in groups.values()
    ]
