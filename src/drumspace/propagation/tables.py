"""The tables of propagation, as params.yaml lists them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.maps.neighbours import Neighbours
from drumspace.maps.reduce import umap_coordinates
from drumspace.maps.settings import UmapParams
from drumspace.propagation.cell_classifier import ClassifierParams, probabilities
from drumspace.propagation.grid import Known, Space, cells
from drumspace.propagation.label_masks import by_clip, by_kit
from drumspace.propagation.settings import FUSED, PropagateParams, TableParams

NEAREST = 500
"""Neighbours kept of each point; where too few of them are labelled, all labelled points are looked at."""

Points = Callable[[str, str, np.ndarray], np.ndarray]
"""(feature, space, rows [n]) → float [n, d], such as ("mel", "umap_2", rows)."""


@dataclass(frozen=True)
class Sounds:
    """Labelled clips, or some of them."""

    rows: np.ndarray
    """int [n]: which of all clips."""
    labels: np.ndarray
    """int [n]: class indices."""
    kits: np.ndarray
    """[n]."""
    duplicates: np.ndarray
    """[n]: groups of near-duplicates."""

    def take(self, chosen: np.ndarray) -> "Sounds":
        """Those at `chosen` (bool or positions)."""
        return Sounds(self.rows[chosen], self.labels[chosen], self.kits[chosen], self.duplicates[chosen])


@dataclass(frozen=True)
class Material:
    """What tables are made from."""

    points: Points
    heard: np.ndarray
    """float [all clips, d]: the space that the classifier hears."""
    n_classes: int
    umap: UmapParams


def spaces_of(table: TableParams, sounds: Sounds, material: Material, seed: int) -> list[Space]:
    """The table's spaces for these sounds; neighbours that no label changes are found once."""
    found = []
    for feature, places in table.spaces.items():
        for place in places:
            name = place.split("_")[0]
            if place.endswith("_labels"):
                dims = int(place.split("_")[1])
                high = material.points(feature, "pca", sounds.rows)
                found.append(Space(feature, name, dims, "labels", _made_anew(high, dims, material.umap, seed)))
                continue
            points = material.heard[sounds.rows] if feature == FUSED else material.points(feature, place, sounds.rows)
            found.append(Space(feature, name, points.shape[1], "none", fixed(Neighbours.from_points(points, NEAREST))))
    return found


def fixed(neighbours: Neighbours) -> Callable[[np.ndarray], Neighbours]:
    """The same neighbours, whichever labels are known."""
    return lambda _: neighbours


def _made_anew(high: np.ndarray, dims: int, umap: UmapParams, seed: int) -> Callable[[np.ndarray], Neighbours]:
    return lambda shown: Neighbours.from_points(umap_coordinates(high, dims, umap, seed, shown), NEAREST)


def knowns(table: TableParams, sounds: Sounds, seed: int) -> Iterator[Known]:
    """For each seed and share: which labels are known."""
    for number in range(seed, seed + table.seeds):
        for share in table.labelled_shares:
            if table.split == "clip":
                known = by_clip(sounds.labels, share, number)
                asked = ~known
            else:
                known, asked = by_kit(sounds.kits, sounds.duplicates, share, number)
            if known.any() and asked.any():
                yield Known(table.split, share, number, known, asked)


def fitted_to(heard: np.ndarray, n_classes: int, params: ClassifierParams) -> Callable[[np.ndarray], np.ndarray]:
    """Labels [n] (-1: held out) → what a classifier says of all n, trained on the others."""
    return lambda shown: probabilities(heard, shown, n_classes, params)


def table_rows(
    table: TableParams, sounds: Sounds, material: Material, params: PropagateParams, permuted: bool = False
) -> Iterator[dict[str, Any]]:
    """Rows of one table, a seed each.

    permuted: labels change places among the clips, once for each seed: what a slip in matching labels to points does.
    """
    spaces = spaces_of(table, sounds, material, params.seed)
    methods = params.settings(table.methods)
    fitted = fitted_to(material.heard[sounds.rows], material.n_classes, params.classifier)
    for known in knowns(table, sounds, params.seed):
        labels = np.random.default_rng([known.seed, 3]).permutation(sounds.labels) if permuted else sounds.labels
        yield from cells(labels, material.n_classes, known, spaces, methods, table.k, fitted, FUSED)
