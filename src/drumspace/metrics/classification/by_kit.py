"""Intervals and paired tests that take kits, not clips, as independent: the clips of a kit are alike."""

import numpy as np

BLOCK = 500
"""Resamples that are in memory at a time."""


def kit_intervals(
    truth: np.ndarray, predicted: np.ndarray, kits: np.ndarray, resamples: int, seed: int
) -> dict[str, list[float]]:
    """95 % intervals of accuracy and of macro precision, recall and F1, by percentiles over resamples of whole kits.

    truth, predicted: class indices [n]; kits: [n], any values that can be sorted. Macro means run over the classes that
    occur in `truth`, and in each resample over those that it contains.
    """
    classes = int(max(truth.max(), predicted.max())) + 1
    names, kit = np.unique(kits, return_inverse=True)
    cell = (kit * classes + truth) * classes + predicted
    confusion = np.bincount(cell, minlength=len(names) * classes**2).reshape(len(names), classes**2).astype(np.float64)
    rng = np.random.default_rng(seed)
    means: dict[str, list[np.ndarray]] = {"accuracy": [], "precision": [], "recall": [], "f1": []}
    for start in range(0, resamples, BLOCK):
        drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), min(BLOCK, resamples - start))
        counts = (drawn @ confusion).reshape(-1, classes, classes)
        correct = np.diagonal(counts, axis1=1, axis2=2)
        means["accuracy"].append(correct.sum(axis=1) / counts.sum(axis=(1, 2)))
        correct = correct[:, np.unique(truth)]
        truth_counts = counts.sum(axis=2)[:, np.unique(truth)]
        predicted_counts = counts.sum(axis=1)[:, np.unique(truth)]
        present = truth_counts > 0
        for name, total in (
            ("precision", predicted_counts), ("recall", truth_counts), ("f1", (truth_counts + predicted_counts) / 2)
        ):  # fmt: skip
            values = correct / np.maximum(total, 0.5)
            means[name].append((values * present).sum(axis=1) / present.sum(axis=1))
    edges = {name: np.percentile(np.concatenate(values), [2.5, 97.5]) for name, values in means.items()}
    return {f"{name}_ci95": [float(edge) for edge in both] for name, both in edges.items()}


def ratio_interval(
    numerator: np.ndarray, denominator: np.ndarray, kits: np.ndarray, resamples: int, seed: int
) -> list[float] | None:
    """95 % interval of sum(numerator) / sum(denominator), both [n], by percentiles over resamples of whole kits.

    kits: [n]. Resamples whose denominator is 0 are left out; None with fewer than two kits that have a denominator.
    """
    _, kit = np.unique(kits, return_inverse=True)
    over, under = (np.bincount(kit, weights=values.astype(np.float64)) for values in (numerator, denominator))
    if (under > 0).sum() < 2:
        return None
    drawn = np.random.default_rng(seed).multinomial(len(under), np.full(len(under), 1 / len(under)), resamples)
    sums = drawn @ under
    low, high = np.percentile((drawn @ over)[sums > 0] / sums[sums > 0], [2.5, 97.5])
    return [float(low), float(high)]


def permutation_by_kit(
    first: np.ndarray, second: np.ndarray, kits: np.ndarray, permutations: int = 9999, seed: int = 0
) -> float:
    """Two-sided p value of a difference in accuracy, by exchanging the two classifiers in whole kits at random.

    first, second: bool [n], whether each clip was classified correctly; kits: [n]. Clips of a kit are exchanged
    together, so that a kit counts as one observation, however many clips it has.
    """
    names, kit = np.unique(kits, return_inverse=True)
    difference = np.bincount(kit, weights=first.astype(np.float64) - second, minlength=len(names))
    difference = difference[difference != 0]
    if not len(difference):
        return 1.0
    rng = np.random.default_rng(seed)
    extreme, done = 0, 0
    while done < permutations:
        count = min(BLOCK, permutations - done)
        signs = rng.integers(0, 2, (count, len(difference))) * 2 - 1
        extreme += int((np.abs(signs @ difference) >= abs(difference.sum()) - 1e-9).sum())
        done += count
    return (1 + extreme) / (1 + permutations)
