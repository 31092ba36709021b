"""Selective prediction: abstaining below a confidence threshold."""

import numpy as np


def threshold_for(precision: float, confidence: np.ndarray, correct: np.ndarray) -> float | None:
    """Smallest confidence threshold above which predictions have at least `precision`; None where there is none.

    confidence: [n]; correct: bool [n].
    """
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(correct[order]) / np.arange(1, len(order) + 1)
    # Predictions of equal confidence are kept or withheld together: only the last of them can be a threshold.
    ordered = confidence[order]
    last = np.append(ordered[1:] < ordered[:-1], True) if len(ordered) else np.empty(0, dtype=bool)
    good = np.flatnonzero((share >= precision) & last)
    return float(ordered[good[-1]]) if len(good) else None
