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


def by_kit(kits: np.ndarray, duplicates: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Who is known and who is asked about, bool [n] each: whole kits are known.

    Kits are taken at random until they have a `share` of the points, or the nearest to it. A point of another kit is
    asked about unless a near-duplicate of it is known. kits, duplicates: [n], a kit and a group of near-duplicates.
    """
    rng = np.random.default_rng([seed, 1])
    names, of_point, sizes = np.unique(kits, return_inverse=True, return_counts=True)
    wanted, have, taken = share * len(kits), 0, []
    for kit in rng.permutation(len(names)):
        # A kit that would overshoot by more than it leaves short is passed over: kits differ much in size.
        if have + sizes[kit] - wanted <= max(0, wanted - have):
            taken.append(kit)
            have += int(sizes[kit])
    known = np.isin(of_point, taken)
    return known, ~known & ~np.isin(duplicates, duplicates[known])


def per_class(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """bool [n]: `count` points of each class are known, all where a class has fewer."""
    rng = np.random.default_rng([seed, 2])
    known = np.zeros(len(labels), dtype=bool)
    for index in np.unique(labels):
        known[rng.permutation(np.flatnonzero(labels == index))[:count]] = True
    return known
