"""How sure a macro average is: bootstrap over clips."""

import numpy as np


def macro_intervals(truth: np.ndarray, predicted: np.ndarray, resamples: int, seed: int) -> dict[str, list[float]]:
    """95 % intervals of macro precision, recall and F1, by percentiles over resamples of n clips with replacement.

    truth, predicted: class indices [n]. Means run over the classes that occur in `truth`; a resample that has drawn
    none of a class leaves it out. Clips of one kit are alike, so that intervals are rather too narrow.
    """
    rng = np.random.default_rng(seed)
    classes = int(max(truth.max(), predicted.max())) + 1
    pair = truth * classes + predicted
    drawn = rng.integers(0, len(pair), (resamples, len(pair)))
    # Confusion matrices of all resamples at once: [resamples, truth, predicted].
    cell = pair[drawn] + np.arange(resamples)[:, None] * classes**2
    counts = np.bincount(cell.ravel(), minlength=resamples * classes**2).reshape(resamples, classes, classes)
    right = np.diagonal(counts, axis1=1, axis2=2)[:, np.unique(truth)]
    of_truth = counts.sum(axis=2)[:, np.unique(truth)]
    named = counts.sum(axis=1)[:, np.unique(truth)]
    here = of_truth > 0
    precision, recall = right / np.maximum(named, 1), right / np.maximum(of_truth, 1)
    f1 = 2 * right / np.maximum(of_truth + named, 1)
    found = {}
    for name, values in (("precision", precision), ("recall", recall), ("f1", f1)):
        means = (values * here).sum(axis=1) / here.sum(axis=1)
        found[f"{name}_ci95"] = [float(edge) for edge in np.percentile(means, [2.5, 97.5])]
    return found
