"""Accuracy against the number of labels, for each feature."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from drumspace.maps.neighbours import Neighbours
from drumspace.metrics.classification.intervals import student_ci95
from drumspace.propagation.grid import Known, Space, cells
from drumspace.propagation.label_masks import per_class
from drumspace.propagation.settings import FUSED, PropagateParams
from drumspace.propagation.tables import NEAREST, Material, Sounds, fitted_to, fixed


def budget_rows(
    features: list[str], sounds: Sounds, material: Material, params: PropagateParams
) -> Iterator[dict[str, Any]]:
    """A row for each feature, number of labels a class and method: mean accuracy and its interval over seeds.

    Neighbours and classifier live in the feature's principal components, those of `fused` in the space as it is. A
    number of labels that leaves nothing to ask about is left out.
    """
    methods = params.settings(params.budget.methods)
    for feature in features:
        points = material.heard[sounds.rows] if feature == FUSED else material.points(feature, "pca", sounds.rows)
        space = Space(feature, "pca", points.shape[1], "none", fixed(Neighbours.from_points(points, NEAREST)))
        fitted = fitted_to(points, material.n_classes, params.classifier)
        for count in params.budget.labels_per_class:
            found: dict[str, list[dict[str, Any]]] = {}
            for seed in range(params.seed, params.seed + params.budget.seeds):
                mask = per_class(sounds.labels, count, seed)
                if mask.all():
                    continue
                known = Known("clip", float(mask.mean()), seed, mask, ~mask)
                for row in cells(
                    sounds.labels, material.n_classes, known, [space], methods, [params.budget.k], fitted, feature
                ):
                    found.setdefault(row["method"], []).append(row)
            for method, rows in found.items():
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
