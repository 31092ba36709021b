"""Groups of clips that belong together by any of several keys."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def connected_groups(*keys: np.ndarray) -> np.ndarray:
    """Number the connected groups of clips that share a value of any key (kit, near-duplicate group): int [n]."""
    count = len(keys[0])
    rows, columns, offset = [], [], count
    for key in keys:
        _, index = np.unique(key, return_inverse=True)
        rows.append(np.arange(count))
        columns.append(index + offset)
        offset += int(index.max()) + 1 if count else 0
    row, column = np.concatenate(rows), np.concatenate(columns)
    graph = coo_array((np.ones(len(row)), (row, column)), shape=(offset, offset))
    return np.asarray(connected_components(graph, directed=False)[1][:count])
