"""Every map of a feature, and how good each is."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.maps.reduce import tsne_places, umap_places
from drumspace.maps.settings import EmbedParams
from drumspace.metrics.maps.faithfulness import nearest, neighbour_overlap, neighbour_purity, trustworthiness


@dataclass(frozen=True)
class Map:
    """One map."""

    method: str
    """umap or tsne."""
    dims: int
    supervision: str
    """none, or labels."""
    places: np.ndarray
    """float32 [n, dims]."""

    @property
    def name(self) -> str:
        """Such as umap_2_none."""
        return f"{self.method}_{self.dims}_{self.supervision}"


def make_maps(points: np.ndarray, shown: np.ndarray, params: EmbedParams) -> list[Map]:
    """UMAP without and with labels, and t-SNE, in each of the dimensions asked for.

    points: [n, d]; shown: class indices [n] of the labels that a map may look at, -1 for the others.
    """
    maps = []
    for dims in params.dims:
        maps.append(Map("umap", dims, "none", umap_places(points, dims, params.umap, params.seed)))
        if (shown >= 0).any():
            maps.append(Map("umap", dims, "labels", umap_places(points, dims, params.umap, params.seed, shown)))
        maps.append(Map("tsne", dims, "none", tsne_places(points, dims, params.tsne, params.seed)))
    return maps


def quality(
    maps: list[Map],
    features: np.ndarray,
    labels: np.ndarray,
    shown: np.ndarray,
    asked: np.ndarray,
    params: EmbedParams,
) -> list[dict[str, Any]]:
    """A row of manifold.json for each map, without its feature.

    trustworthiness and neighbour_overlap: of a sample of clips, n of them, against the feature itself [n, …].
    neighbour_purity: of the `purity_n` labelled clips of `asked` (bool [n]), among those that maps were shown.
    """
    rng = np.random.default_rng(params.seed)
    sample = np.sort(rng.permutation(len(features))[: params.quality.sample])
    # Neighbours must be fewer than half of the points (Venna and Kaski 2001).
    k = min(params.quality.k, (len(sample) - 1) // 2)
    known = np.where(asked, labels, shown)
    whole = np.asarray(features[sample], dtype=np.float32).reshape(len(sample), -1)
    high = nearest(whole, k) if k else None
    return [
        {
            "method": entry.method,
            "dims": entry.dims,
            "supervision": entry.supervision,
            "trustworthiness": trustworthiness(whole, entry.places[sample], k) if k else None,
            "neighbour_overlap": None if high is None else neighbour_overlap(high, nearest(entry.places[sample], k)),
            "neighbour_purity": neighbour_purity(entry.places, known, asked, params.quality.k),
            "k": params.quality.k,
            "n": len(sample),
            "purity_n": int(asked.sum()),
        }
        for entry in maps
    ]
