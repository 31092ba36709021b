"""95 % intervals: bootstrap over clips, of means and of macro averages; Student's t over repetitions."""

import numpy as np


def bootstrap_ci95(values: np.ndarray, resamples: int, seed: int) -> tuple[float, float]:
    """95 % interval of the mean of `values` [n] by percentiles over resamples of n values with replacement."""
    rng = np.random.default_rng(seed)
    values = np.asarray(values, dtype=np.float64)
    means = np.array([values[rng.integers(0, len(values), len(values))].mean() for _ in range(resamples)])
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


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


def student_ci95(values: list[float]) -> list[float] | None:
    """95 % interval of the mean of `values` in [0, 1] by Student's t, clipped to [0, 1]; None for a single value."""
    from scipy.stats import t

    if len(values) < 2:
        return None
    half = float(t.ppf(0.975, len(values) - 1)) * float(np.std(values, ddof=1)) / len(values) ** 0.5
    middle = float(np.mean(values))
    return [max(0.0, middle - half), min(1.0, middle + half)]
