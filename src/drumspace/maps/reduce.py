"""Coordinates of points on maps of two or three dimensions: UMAP, with and without labels, and t-SNE."""

import logging
from collections.abc import Callable

import numpy as np

from drumspace.maps.neighbours import nearest_points
from drumspace.maps.settings import TsneParams, UmapParams

MIN_POINTS = 5
"""Fewer distinct points are put on a line: UMAP and t-SNE need more."""


def umap_coordinates(
    points: np.ndarray, dims: int, params: UmapParams, seed: int, labels: np.ndarray | None = None
) -> np.ndarray:
    """UMAP coordinates, float32 [n, dims], of points [n, d]; semi-supervised if `labels` (class indices, -1: none).

    Deterministic for one seed: it runs on one thread, and equal points are mapped once, since UMAP is not
    deterministic for repeated rows.
    """
    from umap import UMAP

    def reduce(distinct: np.ndarray, distinct_labels: np.ndarray | None) -> np.ndarray:
        # Spectral initialisation needs at least three points more than dimensions.
        init = "spectral" if len(distinct) > dims + 2 else "random"
        reducer = UMAP(
            n_neighbors=min(params.neighbours, len(distinct) - 1), n_components=dims, min_dist=params.min_dist,
            target_weight=params.target_weight, random_state=seed, n_jobs=1, init=init,
        )  # fmt: skip
        return np.asarray(reducer.fit_transform(distinct, y=distinct_labels))

    return _map_distinct(points, dims, reduce, labels)


def tsne_coordinates(points: np.ndarray, dims: int, params: TsneParams, seed: int) -> np.ndarray:
    """t-SNE coordinates, float32 [n, dims], of points [n, d], initialised by principal components (openTSNE).

    Gradients are those of Barnes and Hut for up to 10,000 points and on 3-D maps, interpolated ones (FIt-SNE) beyond:
    for 1,700 points the former take a sixth of the time.
    """
    from openTSNE import TSNE

    # openTSNE warns that its own initialisation was precomputed.
    logging.getLogger("openTSNE.tsne").setLevel(logging.ERROR)

    def reduce(distinct: np.ndarray, distinct_labels: np.ndarray | None) -> np.ndarray:
        reducer = TSNE(
            n_components=dims, perplexity=min(params.perplexity, (len(distinct) - 1) / 3), random_state=seed,
            n_jobs=-1, negative_gradient_method="auto" if dims < 3 else "bh",
        )  # fmt: skip
        return np.asarray(reducer.fit(distinct))

    return _map_distinct(points, dims, reduce, None)


Reduce = Callable[[np.ndarray, np.ndarray | None], np.ndarray]


def _map_distinct(points: np.ndarray, dims: int, reduce: Reduce, labels: np.ndarray | None) -> np.ndarray:
    distinct, first, inverse = np.unique(points, axis=0, return_index=True, return_inverse=True)
    inverse = inverse.ravel()
    if len(distinct) < MIN_POINTS:
        coordinates = np.zeros((len(distinct), dims))
        coordinates[:, 0] = np.arange(len(distinct))
    else:
        # In the order of the table, not in the order that np.unique sorts by.
        order = np.argsort(first, kind="stable")
        distinct_labels = None if labels is None else _group_labels(labels, inverse, len(distinct))[order]
        coordinates = np.empty((len(distinct), dims))
        coordinates[order] = reduce(distinct[order], distinct_labels)
    return coordinates[inverse].astype(np.float32)


def _group_labels(labels: np.ndarray, group: np.ndarray, num_groups: int) -> np.ndarray:
    """Label of each group of equal points: the highest class index among them, -1 if none is labelled."""
    group_labels = np.full(num_groups, -1)
    np.maximum.at(group_labels, group, labels)
    return group_labels


def project_new_points(points: np.ndarray, coordinates: np.ndarray, new: np.ndarray, k: int) -> np.ndarray:
    """Coordinates of `new` points [m, d] on a map of `points` [n, d], float32 [m, dims].

    coordinates: the map, [n, dims]. The result is the mean of the coordinates of the k nearest points, weighted by
    exp(-(d / s)²), where s is the distance of the k-th: this works for a map of any method and leaves it unchanged.
    """
    index, distance = nearest_points(points, new, min(k, len(points)))
    scale = np.maximum(distance[:, -1:], 1e-12)
    weight = np.exp(-np.square(distance / scale))
    weight /= weight.sum(axis=1, keepdims=True)
    return np.einsum("mk,mkd->md", weight, coordinates[index]).astype(np.float32)
