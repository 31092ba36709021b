"""What a method that labels points may look at."""

from dataclasses import dataclass

import numpy as np

from drumspace.maps.neighbours import Neighbours


@dataclass(frozen=True)
class Cell:
    """Points of one space, some of them labelled. No label that is held out is in it, in any form."""

    neighbours: Neighbours
    labels: np.ndarray
    """int [n]: class indices, -1 for what is to be labelled."""
    n_classes: int
    probabilities: np.ndarray | None = None
    """float [n, n_classes]: what a classifier says that was trained on the labelled points of this cell alone."""

    @property
    def one_hot(self) -> np.ndarray:
        """float [n, n_classes]: 1 at a labelled point's class, zeros for the others."""
        return (self.labels[:, None] == np.arange(self.n_classes)).astype(np.float64)

    @property
    def said(self) -> np.ndarray:
        """The classifier's probabilities. Raises ValueError where there are none."""
        if self.probabilities is None:
            raise ValueError("this method needs a classifier's probabilities")
        return self.probabilities


def votes(rows: np.ndarray, of_rows: np.ndarray) -> np.ndarray:
    """Sums over neighbours: rows [n, k] of `of_rows` [n, C] → [n, C]; -1 is nobody."""
    taken = of_rows[rows]
    taken[rows < 0] = 0
    return taken.sum(axis=1)
