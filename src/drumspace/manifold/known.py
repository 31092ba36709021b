"""Which labels are known and which are held out: by clip, as in the thesis, or by kit."""

import numpy as np


def by_clip(labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """bool [n]: a `share` of the points of each class is known, at least one. labels: class indices [n]."""
    rng = np.random.default_rng([seed, 0])
    known = np.zeros(len(labels), dtype=bool)
    for index in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == index))
        known[rows[: max(1, round(share * len(rows)))]] = True
    return known


def by_group(groups: np.ndarray, share: float, seed: int) -> np.ndarray:
    """bool [n]: whole groups are known, taken at random until they have a `share` of the points, or the nearest to it.

    groups: [n], such as kits joined where they share a near-duplicate.
    """
    rng = np.random.default_rng([seed, 1])
    names, of_point, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    wanted, have, taken = share * len(groups), 0, []
    for group in rng.permutation(len(names)):
        # A group that would overshoot by more than it leaves short is passed over: groups differ much in size.
        if have + sizes[group] - wanted <= max(0, wanted - have):
            taken.append(group)
            have += int(sizes[group])
    return np.isin(of_point, taken)


def per_class(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """bool [n]: `count` points of each class are known, all where a class has fewer."""
    rng = np.random.default_rng([seed, 2])
    known = np.zeros(len(labels), dtype=bool)
    for index in np.unique(labels):
        known[rng.permutation(np.flatnonzero(labels == index))[:count]] = True
    return known
