"""Accuracy over the number of labels per class, for each feature."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from drumspace.maps.neighbours import Neighbours
from drumspace.metrics.classification.intervals import student_ci95
from drumspace.metrics.classification.propagation_contract import BudgetMetrics
from drumspace.propagation.grid import LabelMask, Space, evaluate_cells
from drumspace.propagation.label_masks import per_class
from drumspace.propagation.settings import FUSED, PropagateParams
from drumspace.propagation.tables import NEAREST, Sounds, TableInputs, constant_neighbours, make_classifier


def budget_rows(
    features: list[str], sounds: Sounds, inputs: TableInputs, params: PropagateParams
) -> Iterator[BudgetMetrics]:
    """A row for each feature, number of labels per class and method: mean accuracy and its interval over seeds.

    Neighbours and classifier use the feature's principal components, or `fused` as it is. A number of labels that
    leaves no clip held out has no row.
    """
    methods = params.settings(params.budget.methods)
    for feature in features:
        points = inputs.fused[sounds.rows] if feature == FUSED else inputs.points(feature, "pca", sounds.rows)
        neighbours = constant_neighbours(Neighbours.from_points(points, NEAREST))
        space = Space(feature, "pca", points.shape[1], "none", neighbours)
        classifier = make_classifier(points, inputs.n_classes, params.classifier)
        for count in params.budget.labels_per_class:
            by_method: dict[str, list[dict[str, Any]]] = {}
            for seed in range(params.seed, params.seed + params.budget.seeds):
                labelled = per_class(sounds.labels, count, seed)
                if labelled.all():
                    continue
                mask = LabelMask("clip", float(labelled.mean()), seed, labelled, ~labelled)
                for row in evaluate_cells(
                    sounds.labels, inputs.n_classes, mask, [space], methods, [params.budget.k], classifier, feature
                ):
                    by_method.setdefault(row["method"], []).append(row)
            for method, rows in by_method.items():
                yield {
                    "feature": feature,
                    "method": method,
                    "labels_per_class": count,
                    "accuracy": float(np.mean([row["accuracy"] for row in rows])),
                    "macro_recall": float(np.mean([row["macro_recall"] for row in rows])),
                    "ci95": student_ci95([row["accuracy"] for row in rows]),
                    "n": round(float(np.mean([row["n"] for row in rows]))),
                    "seeds": len(rows),
                }
