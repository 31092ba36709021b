"""Maps of two or three dimensions: UMAP, with and without labels, and t-SNE."""

import logging
from collections.abc import Callable

import numpy as np

from drumspace.maps.neighbours import nearest_of
from drumspace.maps.settings import TsneParams, UmapParams

LEAST = 5
"""Fewer different points make no map: they are put on a line."""


def umap_places(
    points: np.ndarray, dims: int, params: UmapParams, seed: int, labels: np.ndarray | None = None
) -> np.ndarray:
    """float32 [n, dims] of float [n, d]; with `labels` (class indices, -1 for unknown) semi-supervised.

    One seed gives the same map: one thread, and equal points are mapped once, since UMAP is not deterministic where
    rows repeat.
    """
    from umap import UMAP

    def reduce(different: np.ndarray, known: np.ndarray | None) -> np.ndarray:
        near = min(params.neighbours, len(different) - 1)
        # Spectral initialisation needs more points than dimensions by two.
        start = "spectral" if len(different) > dims + 2 else "random"
        reducer = UMAP(
            n_neighbors=near, n_components=dims, min_dist=params.min_dist, target_weight=params.target_weight,
            random_state=seed, n_jobs=1, init=start,
        )  # fmt: skip
        return np.asarray(reducer.fit_transform(different, y=known))

    return _of_different(points, dims, reduce, labels)


def tsne_places(points: np.ndarray, dims: int, params: TsneParams, seed: int) -> np.ndarray:
    """float32 [n, dims] of float [n, d]: t-SNE from principal components, as openTSNE has it."""
    from openTSNE import TSNE

    # It warns that its own initialisation was precomputed.
    logging.getLogger("openTSNE.tsne").setLevel(logging.ERROR)

    def reduce(different: np.ndarray, known: np.ndarray | None) -> np.ndarray:
        reducer = TSNE(
            n_components=dims, perplexity=min(params.perplexity, (len(different) - 1) / 3), random_state=seed,
            n_jobs=-1, negative_gradient_method="fft" if dims < 3 else "bh",
        )  # fmt: skip
        return np.asarray(reducer.fit(different))

    return _of_different(points, dims, reduce, None)


Reduce = Callable[[np.ndarray, np.ndarray | None], np.ndarray]


def _of_different(points: np.ndarray, dims: int, reduce: Reduce, labels: np.ndarray | None) -> np.ndarray:
    different, first, back = np.unique(points, axis=0, return_index=True, return_inverse=True)
    if len(different) < LEAST:
        places = np.zeros((len(different), dims))
        places[:, 0] = np.arange(len(different))
    else:
        # In the order in which they came: neighbours in the table should not depend on the values of a column.
        order = np.argsort(first, kind="stable")
        known = None if labels is None else _strongest(labels, back.ravel(), len(different))[order]
        places = np.empty((len(different), dims))
        places[order] = reduce(different[order], known)
    return places[back.ravel()].astype(np.float32)


def _strongest(labels: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """For each group of equal points, a label that one of them has, -1 where none has."""
    found = np.full(groups, -1)
    np.maximum.at(found, group, labels)
    return found


def place_new(points: np.ndarray, places: np.ndarray, new: np.ndarray, k: int) -> np.ndarray:
    """float32 [m, dims]: where `new` [m, d] points belong on the map `places` [n, dims] of `points` [n, d].

    The mean of the places of the k nearest, weighed by exp(-(d / s)²) with s the distance of the k-th: a map once
    made stays as it is, whichever method made it, and needs no more to be kept than points and places.
    """
    index, distance = nearest_of(points, new, min(k, len(points)))
    scale = np.maximum(distance[:, -1:], 1e-12)
    weight = np.exp(-np.square(distance / scale))
    weight /= weight.sum(axis=1, keepdims=True)
    return np.einsum("mk,mkd->md", weight, places[index]).astype(np.float32)
