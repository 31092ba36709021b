"""Who is near whom: computed once for a space, read by every method that labels points from their neighbours."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array


def nearest_of(points: np.ndarray, asked: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers and Euclidean distances [m, k] of the k `points` [n, d] nearest to each of `asked` [m, d]."""
    from sklearn.neighbors import NearestNeighbors

    kind = "kd_tree" if points.shape[1] <= 3 else "brute"
    distance, index = NearestNeighbors(n_neighbors=k, algorithm=kind).fit(points).kneighbors(asked)
    return index, distance


@dataclass(frozen=True)
class Neighbours:
    """The nearest other points of each of n points, the nearest first."""

    index: np.ndarray
    """int32 [n, m], row numbers."""
    distance: np.ndarray
    """float32 [n, m], Euclidean, rising along a row."""
    points: np.ndarray
    """[n, d]: where more than the m nearest have to be looked at."""

    @classmethod
    def of(cls, points: np.ndarray, most: int) -> "Neighbours":
        """Of float [n, d] points, at most `most` each: by KD-tree up to three dimensions, else by all distances."""
        from sklearn.neighbors import NearestNeighbors

        count = min(most, len(points) - 1)
        if count < 1:
            empty = np.empty((len(points), 0))
            return cls(empty.astype(np.int32), empty.astype(np.float32), points)
        kind = "kd_tree" if points.shape[1] <= 3 else "brute"
        distance, index = NearestNeighbors(n_neighbors=count, algorithm=kind).fit(points).kneighbors()
        return cls(index.astype(np.int32), distance.astype(np.float32), points)

    def labelled(self, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The k nearest labelled points of each: row numbers, distances [n, k]; -1, infinity where there are fewer.

        labels: [n], negative for none.
        """
        count, most = self.index.shape
        index = np.full((count, k), -1, dtype=np.int32)
        distance = np.full((count, k), np.inf, dtype=np.float32)
        todo, width = np.arange(count), min(most, 4 * k)
        while len(todo):
            near = self.index[todo, :width]
            known = labels[near] >= 0
            rank = known.cumsum(axis=1)
            done = rank[:, -1] >= k if width else np.zeros(len(todo), dtype=bool)
            row, column = np.nonzero(known & (rank <= k) & done[:, None])
            place = rank[row, column] - 1
            index[todo[row], place] = near[row, column]
            distance[todo[row], place] = self.distance[todo[row], column]
            todo = todo[~done]
            if width == most:
                break
            width = min(most, 4 * width)
        answering = np.flatnonzero(labels >= 0)
        if len(todo) and len(answering):
            index[todo], distance[todo] = self._among(answering, todo, k)
        return index, distance

    def _among(self, answering: np.ndarray, asking: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The k points of `answering` nearest to each of `asking`, itself left out."""
        near, far = nearest_of(self.points[answering], self.points[asking], min(k + 1, len(answering)))
        rows = answering[near]
        far = np.where(rows == asking[:, None], np.inf, far)
        order = np.argsort(far, axis=1, kind="stable")[:, :k]
        rows, far = np.take_along_axis(rows, order, axis=1), np.take_along_axis(far, order, axis=1)
        rows = np.where(np.isfinite(far), rows, -1)
        short = k - rows.shape[1]
        return (
            np.pad(rows, ((0, 0), (0, short)), constant_values=-1),
            np.pad(far, ((0, 0), (0, short)), constant_values=np.inf),
        )

    def graph(self, k: int) -> csr_array:
        """Symmetric weights [n, n] between points of which one is among the k nearest of the other, zero elsewhere.

        exp(-(d / s)²), s each point's own distance to its k-th neighbour, geometric mean of both (Zelnik-Manor and
        Perona 2004): dense and sparse regions count alike.
        """
        count = len(self.index)
        k = min(k, self.index.shape[1])
        scale = np.maximum(self.distance[:, k - 1], 1e-9) if k else np.ones(count)
        row = np.repeat(np.arange(count), k)
        column = self.index[:, :k].ravel()
        weight = np.exp(-np.square(self.distance[:, :k].ravel()) / (scale[row] * scale[column]))
        one_way = csr_array((weight, (row, column)), shape=(count, count))
        return csr_array(one_way.maximum(one_way.T))
