"""Bootstrap intervals of macro averages over clips."""

import numpy as np


def macro_intervals(truth: np.ndarray, predicted: np.ndarray, resamples: int, seed: int) -> dict[str, list[float]]:
    """95 % intervals of macro precision, recall and F1, by percentiles over resamples of n clips with replacement.

    truth, predicted: class indices [n]. Means run over the classes that occur in `truth`, and in each
    resample over those that it contains. Clips of one kit are similar, so the intervals are rather too narrow.
    """
    rng = np.random.default_rng(seed)
    classes = int(max(truth.max(), predicted.max())) + 1
    pair = truth * classes + predicted
    drawn = rng.integers(0, len(pair), (resamples, len(pair)))
    # Confusion matrices of all resamples at once: [resamples, truth, predicted].
    cell = pair[drawn] + np.arange(resamples)[:, None] * classes**2
    counts = np.bincount(cell.ravel(), minlength=resamples * classes**2).reshape(resamples, classes, classes)
    correct = np.diagonal(counts, axis1=1, axis2=2)[:, np.unique(truth)]
    truth_counts = counts.sum(axis=2)[:, np.unique(truth)]
    predicted_counts = counts.sum(axis=1)[:, np.unique(truth)]
    present = truth_counts > 0
    precision, recall = correct / np.maximum(predicted_counts, 1), correct / np.maximum(truth_counts, 1)
    f1 = 2 * correct / np.maximum(truth_counts + predicted_counts, 1)
    intervals = {}
    for name, values in (("precision", precision), ("recall", recall), ("f1", f1)):
        means = (values * present).sum(axis=1) / present.sum(axis=1)
        intervals[f"{name}_ci95"] = [float(edge) for edge in np.percentile(means, [2.5, 97.5])]
    return intervals
