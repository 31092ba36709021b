"""Answers that are given only where they are likely right."""

import numpy as np


def threshold_for(precision: float, confidence: np.ndarray, right: np.ndarray) -> float | None:
    """The least confidence from which on the share of right answers is at least `precision`; None where none is.

    confidence: [n]; right: bool [n].
    """
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # Equal confidences are answered together: only the last of them is a threshold.
    ordered = confidence[order]
    last = np.append(ordered[1:] < ordered[:-1], True) if len(ordered) else np.empty(0, dtype=bool)
    good = np.flatnonzero((share >= precision) & last)
    return float(ordered[good[-1]]) if len(good) else None
