"""Review queue: the order of labelling by hand that reduces the uncertainty of all clips fastest."""

import heapq

import numpy as np
from scipy.sparse import csc_array, csr_array, diags_array


def review_queue(
    graph: csr_array, uncertainty: np.ndarray, groups: np.ndarray, candidates: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of `count` points in the order of labelling, and by how much each label reduces the uncertainty.

    graph: symmetric weights between neighbours [n, n]; uncertainty: [n], 0 for labelled points; groups: near-duplicate
    groups [n], of which one label covers all points; candidates: bool [n], points that may be in the queue, at most one
    of a group. A label removes its group's uncertainty, and of a neighbour's uncertainty the group's share of that
    neighbour's weights. Later labels gain only from what is left, so that the queue spreads over the map: greedy
    maximisation of a submodular function, within 1 - 1/e of the optimum (Nemhauser et al. 1978).
    """
    names, group_index = np.unique(groups, return_inverse=True)
    member = csr_array((np.ones(len(groups)), (group_index, np.arange(len(groups)))), shape=(len(names), len(groups)))
    degree = np.maximum(np.asarray(graph.sum(axis=0)).ravel(), 1e-12)
    # share[j, g]: share of point j's uncertainty that a label for group g removes.
    share = csc_array((graph @ diags_array(1 / degree)).T @ member.T)
    share = csc_array(share.maximum(member.T))
    share.data = np.minimum(share.data, 1)
    remaining = np.asarray(uncertainty, dtype=np.float64).copy()
    open_groups = set(group_index[candidates].tolist())
    # A gain never grows as labels are added: the top of the heap is chosen if its gain is unchanged (lazy greedy).
    heap = [(-float(gain), int(group)) for group, gain in enumerate(share.T @ remaining) if group in open_groups]
    heapq.heapify(heap)
    first: dict[int, int] = {}
    for row in np.flatnonzero(candidates)[::-1]:
        first[int(group_index[row])] = int(row)
    chosen: list[int] = []
    gains: list[float] = []
    while heap and len(chosen) < count:
        _, group = heapq.heappop(heap)
        start, end = share.indptr[group], share.indptr[group + 1]
        rows, weights = share.indices[start:end], share.data[start:end]
        gain = float(weights @ remaining[rows])
        if heap and gain < -heap[0][0] - 1e-12:
            heapq.heappush(heap, (-gain, group))
            continue
        remaining[rows] *= 1 - weights
        chosen.append(first[group])
        gains.append(gain)
    return np.array(chosen, dtype=np.int64), np.array(gains)


def uncertainty_of(probabilities: np.ndarray) -> np.ndarray:
    """Uncertainty in [0, 1]: (1 - largest probability) / (1 - 1/C); 1 for a row of zeros. [n, C] → [n]."""
    least = 1 / probabilities.shape[1]
    return np.minimum(1.0, (1 - probabilities.max(axis=1)) / (1 - least))
