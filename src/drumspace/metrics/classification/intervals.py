"""95 % intervals of means: bootstrap over clips, and Student's t over repetitions. Those over kits: by_kit.py."""

import numpy as np


def bootstrap_ci95(values: np.ndarray, resamples: int, seed: int) -> tuple[float, float]:
    """95 % interval of the mean of `values` [n] by percentiles over resamples of n values with replacement."""
    rng = np.random.default_rng(seed)
    values = np.asarray(values, dtype=np.float64)
    means = np.array([values[rng.integers(0, len(values), len(values))].mean() for _ in range(resamples)])
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def student_ci95(values: list[float]) -> list[float] | None:
    """95 % interval of the mean of `values` in [0, 1] by Student's t, clipped to [0, 1]; None for a single value."""
    from scipy.stats import t

    if len(values) < 2:
        return None
    half = float(t.ppf(0.975, len(values) - 1)) * float(np.std(values, ddof=1)) / len(values) ** 0.5
    middle = float(np.mean(values))
    return [max(0.0, middle - half), min(1.0, middle + half)]


def share_ci95(
    hits: np.ndarray, counted: np.ndarray, groups: np.ndarray, resamples: int, seed: int
) -> list[float] | None:
    """95 % interval of the share of `hits` in `counted`, by percentiles over resamples of whole groups.

    hits, counted: bool [n]; groups: [n], such as kits. None where nothing is counted, or all of it is in one group.
    """
    names, group = np.unique(groups[counted], return_inverse=True)
    if len(names) < 2:
        return None
    totals, right = np.bincount(group), np.bincount(group, weights=hits[counted])
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), resamples)
    low, high = np.percentile((drawn @ right) / (drawn @ totals), [2.5, 97.5])
    return [float(low), float(high)]
