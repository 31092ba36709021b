"""Iteration of label spreading on a graph."""

import numpy as np
from scipy.sparse import csr_array, diags_array


def spread(graph: csr_array, start: np.ndarray, alpha: float, rounds: int) -> np.ndarray:
    """Iterate F ← α S F + (1 - α) start with S = D^-1/2 W D^-1/2 (Zhou et al. 2004, section 3). [n, C] → [n, C].

    graph: symmetric weights W [n, n]; rounds: number of iterations. Points without an edge get (1 - α) start.
    """
    degree = np.asarray(graph.sum(axis=1)).ravel()
    root = diags_array(1 / np.sqrt(np.maximum(degree, 1e-12)))
    step = csr_array(root @ graph @ root)
    values = start
    for _ in range(rounds):
        values = alpha * (step @ values) + (1 - alpha) * start
    return np.asarray(values)
