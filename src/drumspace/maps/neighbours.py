"""Nearest neighbours of points, computed once for a space and shared by all methods that propagate labels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from sklearn.neighbors import NearestNeighbors


def _finder(points: np.ndarray, k: int) -> "NearestNeighbors":
    """Search structure: a KD-tree up to three dimensions, all distances above."""
    from sklearn.neighbors import NearestNeighbors

    algorithm = "kd_tree" if points.shape[1] <= 3 else "brute"
    return NearestNeighbors(n_neighbors=k, algorithm=algorithm).fit(points)


def nearest_points(points: np.ndarray, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers and Euclidean distances [m, k] of the k `points` [n, d] nearest to each of `queries` [m, d]."""
    distance, index = _finder(points, k).kneighbors(queries)
    return index, distance


@dataclass(frozen=True)
class Neighbours:
    """Nearest other points of each of n points, in ascending order of distance."""

    index: np.ndarray
    """int32 [n, m], row numbers."""
    distance: np.ndarray
    """float32 [n, m], Euclidean."""
    points: np.ndarray
    """[n, d], searched again if more than the m nearest are needed."""

    @classmethod
    def from_points(cls, points: np.ndarray, max_neighbours: int) -> "Neighbours":
        """Find at most `max_neighbours` neighbours of each point of float [n, d]."""
        count = min(max_neighbours, len(points) - 1)
        if count < 1:
            empty = np.empty((len(points), 0))
            return cls(empty.astype(np.int32), empty.astype(np.float32), points)
        distance, index = _finder(points, count).kneighbors()
        return cls(index.astype(np.int32), distance.astype(np.float32), points)

    def nearest_labelled(self, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Row numbers and distances [n, k] of the k nearest labelled points of each point.

        labels: [n], negative for none. Where there are fewer than k, row -1 at infinite distance.
        """
        count, width_limit = self.index.shape
        index = np.full((count, k), -1, dtype=np.int32)
        distance = np.full((count, k), np.inf, dtype=np.float32)
        todo, width = np.arange(count), min(width_limit, 4 * k)
        while len(todo):
            near = self.index[todo, :width]
            labelled = labels[near] >= 0
            rank = labelled.cumsum(axis=1)
            done = rank[:, -1] >= k if width else np.zeros(len(todo), dtype=bool)
            row, column = np.nonzero(labelled & (rank <= k) & done[:, None])
            position = rank[row, column] - 1
            index[todo[row], position] = near[row, column]
            distance[todo[row], position] = self.distance[todo[row], column]
            todo = todo[~done]
            if width == width_limit:
                break
            width = min(width_limit, 4 * width)
        labelled_rows = np.flatnonzero(labels >= 0)
        if len(todo) and len(labelled_rows):
            index[todo], distance[todo] = self._search(labelled_rows, todo, k)
        return index, distance

    def _search(self, labelled_rows: np.ndarray, query_rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The k points of `labelled_rows` nearest to each of `query_rows`, the query point itself left out."""
        near, far = nearest_points(self.points[labelled_rows], self.points[query_rows], min(k + 1, len(labelled_rows)))
        rows = labelled_rows[near]
        far = np.where(rows == query_rows[:, None], np.inf, far)
        order = np.argsort(far, axis=1, kind="stable")[:, :k]
        rows, far = np.take_along_axis(rows, order, axis=1), np.take_along_axis(far, order, axis=1)
        rows = np.where(np.isfinite(far), rows, -1)
        missing = k - rows.shape[1]
        return (
            np.pad(rows, ((0, 0), (0, missing)), constant_values=-1),
            np.pad(far, ((0, 0), (0, missing)), constant_values=np.inf),
        )

    def graph(self, k: int) -> csr_array:
        """Symmetric weights [n, n] between points of which one is among the k nearest of the other; 0 elsewhere.

        exp(-d² / (s_i s_j)), where s_i is the distance of point i to its k-th neighbour (Zelnik-Manor and Perona 2004):
        dense and sparse regions count alike.
        """
        count = len(self.index)
        k = min(k, self.index.shape[1])
        scale = np.maximum(self.distance[:, k - 1], 1e-9) if k else np.ones(count)
        row = np.repeat(np.arange(count), k)
        column = self.index[:, :k].ravel()
        weight = np.exp(-np.square(self.distance[:, :k].ravel()) / (scale[row] * scale[column]))
        one_way = csr_array((weight, (row, column)), shape=(count, count))
        return csr_array(one_way.maximum(one_way.T))
