"""Compute the maps of a feature and measure how faithful each is."""

from dataclasses import dataclass

import numpy as np

from drumspace.maps.reduce import tsne_coordinates, umap_coordinates
from drumspace.maps.settings import EmbedParams
from drumspace.metrics.maps.contract import MapQuality
from drumspace.metrics.maps.faithfulness import nearest, neighbour_overlap, neighbour_purity, trustworthiness


@dataclass(frozen=True)
class Map:
    """Coordinates of all clips by one method."""

    method: str
    """umap or tsne."""
    dims: int
    supervision: str
    """none, or labels."""
    coordinates: np.ndarray
    """float32 [n, dims]."""

    @property
    def name(self) -> str:
        """Name of the map, such as umap_2_none."""
        return f"{self.method}_{self.dims}_{self.supervision}"


def compute_maps(points: np.ndarray, training_labels: np.ndarray, params: EmbedParams) -> list[Map]:
    """Compute UMAP without and with labels, and t-SNE, for each number of dimensions in `params.dims`.

    points: [n, d]; training_labels: class indices [n] for supervised maps, -1 for clips without one.
    """
    maps = []
    for dims in params.dims:
        maps.append(Map("umap", dims, "none", umap_coordinates(points, dims, params.umap, params.seed)))
        if (training_labels >= 0).any():
            coordinates = umap_coordinates(points, dims, params.umap, params.seed, training_labels)
            maps.append(Map("umap", dims, "labels", coordinates))
        maps.append(Map("tsne", dims, "none", tsne_coordinates(points, dims, params.tsne, params.seed)))
    return maps


def quality(
    maps: list[Map],
    features: np.ndarray,
    labels: np.ndarray,
    training_labels: np.ndarray,
    test_clips: np.ndarray,
    params: EmbedParams,
) -> list[MapQuality]:
    """Rows of manifold.json, one a map, without the feature's name.

    trustworthiness and neighbour_overlap: of a random sample of n clips, against the feature itself [n, …].
    neighbour_purity: of the `purity_n` labelled clips in `test_clips` (bool [n]), among clips with training labels.
    """
    rng = np.random.default_rng(params.seed)
    sample = np.sort(rng.permutation(len(features))[: params.quality.sample])
    # Neighbours must be fewer than half of the points (Venna and Kaski 2001).
    k = min(params.quality.k, (len(sample) - 1) // 2)
    purity_labels = np.where(test_clips, labels, training_labels)
    full = np.asarray(features[sample], dtype=np.float32).reshape(len(sample), -1)
    full_nearest = nearest(full, k) if k else None

    def measure(entry: Map) -> MapQuality:
        reduced = entry.coordinates[sample]
        return {
            "method": entry.method,
            "dims": entry.dims,
            "supervision": entry.supervision,
            "trustworthiness": trustworthiness(full, reduced, k) if k else None,
            "neighbour_overlap": None if full_nearest is None else neighbour_overlap(full_nearest, nearest(reduced, k)),
            "neighbour_purity": neighbour_purity(entry.coordinates, purity_labels, test_clips, params.quality.k),
            "k": params.quality.k,
            "n": len(sample),
            "purity_n": int(test_clips.sum()),
        }

    return [measure(entry) for entry in maps]
