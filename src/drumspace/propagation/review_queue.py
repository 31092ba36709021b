"""What to ask a person first: the sounds whose answer would settle most of what is uncertain."""

import heapq

import numpy as np
from scipy.sparse import csc_array, csr_array, diags_array


def review_queue(
    graph: csr_array, uncertainty: np.ndarray, groups: np.ndarray, candidates: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of `count` points in the order in which to ask, and what each would settle.

    graph: weights between neighbours [n, n], symmetric; uncertainty: [n], 0 for what is known; groups: [n], one for
    points that one answer labels together (near-duplicates); candidates: bool [n], who may be asked: one of a group
    is. An answer settles the group itself, and of a neighbour's uncertainty its share of that neighbour's weights.
    What has been settled is not counted again, so that the queue spreads over the map: greedy maximisation of a
    submodular function, within 1 - 1/e of the best choice (Nemhauser et al. 1978).
    """
    names, of_group = np.unique(groups, return_inverse=True)
    member = csr_array((np.ones(len(groups)), (of_group, np.arange(len(groups)))), shape=(len(names), len(groups)))
    degree = np.maximum(np.asarray(graph.sum(axis=0)).ravel(), 1e-12)
    # share[j, g]: how much of point j an answer for group g settles.
    share = csc_array((graph @ diags_array(1 / degree)).T @ member.T)
    share = csc_array(share.maximum(member.T))
    share.data = np.minimum(share.data, 1)
    left = np.asarray(uncertainty, dtype=np.float64).copy()
    open_groups = set(of_group[candidates].tolist())
    # A gain only falls as others are settled: the heap's top is taken if it still is what it was (lazy greedy).
    heap = [(-float(gain), int(group)) for group, gain in enumerate(share.T @ left) if group in open_groups]
    heapq.heapify(heap)
    first: dict[int, int] = {}
    for row in np.flatnonzero(candidates)[::-1]:
        first[int(of_group[row])] = int(row)
    chosen: list[int] = []
    gains: list[float] = []
    while heap and len(chosen) < count:
        _, group = heapq.heappop(heap)
        begin, end = share.indptr[group], share.indptr[group + 1]
        rows, weights = share.indices[begin:end], share.data[begin:end]
        gain = float(weights @ left[rows])
        if heap and gain < -heap[0][0] - 1e-12:
            heapq.heappush(heap, (-gain, group))
            continue
        left[rows] *= 1 - weights
        chosen.append(first[group])
        gains.append(gain)
    return np.array(chosen, dtype=np.int64), np.array(gains)


def uncertainty_of(probabilities: np.ndarray) -> np.ndarray:
    """1 minus the largest probability over its least value, in [0, 1]; 1 for a row of zeros. [n, C] → [n]."""
    least = 1 / probabilities.shape[1]
    return np.minimum(1.0, (1 - probabilities.max(axis=1)) / (1 - least))
