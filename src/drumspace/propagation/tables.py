"""Rows of the tables that `propagate.tables` in params.yaml defines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.maps.neighbours import Neighbours
from drumspace.maps.reduce import umap_coordinates
from drumspace.maps.settings import UmapParams
from drumspace.propagation.cell_classifier import ClassifierParams, predict_probabilities
from drumspace.propagation.fused_features import without_kit_means
from drumspace.propagation.grid import Classifier, LabelMask, Space, evaluate_cells
from drumspace.propagation.label_masks import by_clip, by_kit
from drumspace.propagation.settings import FUSED, SINGLE, PropagateParams, TableParams

NEAREST = 500
"""Neighbours stored for each point; where too few of them are labelled, all labelled points are searched."""

Points = Callable[[str, str, np.ndarray], np.ndarray]
"""Feature, space and rows int [n], such as ("mel", "umap_2", rows) → points float [n, d]."""


@dataclass(frozen=True)
class Sounds:
    """Labelled clips, or a selection of them."""

    rows: np.ndarray
    """int [n]: row numbers in the catalogue."""
    labels: np.ndarray
    """int [n]: class indices."""
    kits: np.ndarray
    """[n]."""
    duplicates: np.ndarray
    """[n]: groups of near-duplicates."""

    def select(self, selection: np.ndarray) -> "Sounds":
        """The clips at `selection`, a bool mask [n] or positions."""
        return Sounds(self.rows[selection], self.labels[selection], self.kits[selection], self.duplicates[selection])


@dataclass(frozen=True)
class TableInputs:
    """Points of all clips, from which the tables are computed."""

    points: Points
    fused: np.ndarray
    """float [all clips, d]: fused features, the classifier's input."""
    n_classes: int
    umap: UmapParams

    def fused_points(self, feature: str, rows: np.ndarray) -> np.ndarray:
        """Fused features of these rows, without the kits' means for `fused_single`: float [len(rows), d]."""
        return without_kit_means(self.fused[rows]) if feature == SINGLE else self.fused[rows]


def spaces_of(table: TableParams, sounds: Sounds, inputs: TableInputs, seed: int) -> list[Space]:
    """The table's spaces for these clips; neighbours that do not depend on labels are computed once."""
    spaces = []
    for feature, space_names in table.spaces.items():
        for space_name in space_names:
            map_name = space_name.split("_")[0]
            if space_name.endswith("_labels"):
                dims = int(space_name.split("_")[1])
                components = inputs.points(feature, "pca", sounds.rows)
                neighbours = supervised_neighbours(components, dims, inputs.umap, seed)
                spaces.append(Space(feature, map_name, dims, "labels", neighbours))
                continue
            if feature in (FUSED, SINGLE):
                points = inputs.fused_points(feature, sounds.rows)
            else:
                points = inputs.points(feature, space_name, sounds.rows)
            neighbours = constant_neighbours(Neighbours.from_points(points, NEAREST))
            spaces.append(Space(feature, map_name, points.shape[1], "none", neighbours))
    return spaces


def constant_neighbours(neighbours: Neighbours) -> Callable[[np.ndarray], Neighbours]:
    """A function that returns the same neighbours for all labels."""
    return lambda _: neighbours


def supervised_neighbours(
    points: np.ndarray, dims: int, umap: UmapParams, seed: int
) -> Callable[[np.ndarray], Neighbours]:
    """A function from labels to the neighbours in a UMAP of points [n, d] that these labels supervise."""
    return lambda labels: Neighbours.from_points(umap_coordinates(points, dims, umap, seed, labels), NEAREST)


def draw_masks(table: TableParams, sounds: Sounds, seed: int) -> Iterator[LabelMask]:
    """Label masks for each seed and labelled share; masks without a labelled or a held-out clip are left out."""
    for number in range(seed, seed + table.seeds):
        for share in table.labelled_shares:
            if table.split == "clip":
                labelled = by_clip(sounds.labels, share, number)
                held_out = ~labelled
            else:
                labelled, held_out = by_kit(sounds.kits, sounds.duplicates, share, number)
            if labelled.any() and held_out.any():
                yield LabelMask(table.split, share, number, labelled, held_out)


def make_classifier(points: np.ndarray, n_classes: int, params: ClassifierParams) -> Classifier:
    """A function from labels to the probabilities of a classifier trained on the labelled ones of points [n, d]."""
    return lambda labels: predict_probabilities(points, labels, n_classes, params)


def table_rows(
    table: TableParams, sounds: Sounds, inputs: TableInputs, params: PropagateParams, permuted: bool = False
) -> Iterator[dict[str, Any]]:
    """Rows of one table, one for each seed.

    permuted: labels are shuffled among the clips, once per seed. The accuracy is then that of labels that do not
    belong to their points.
    """
    spaces = spaces_of(table, sounds, inputs, params.seed)
    methods = params.settings(table.methods)
    feature = table.classifier_feature
    classifier = make_classifier(inputs.fused_points(feature, sounds.rows), inputs.n_classes, params.classifier)
    for mask in draw_masks(table, sounds, params.seed):
        labels = np.random.default_rng([mask.seed, 3]).permutation(sounds.labels) if permuted else sounds.labels
        yield from evaluate_cells(labels, inputs.n_classes, mask, spaces, methods, table.k, classifier, feature)
