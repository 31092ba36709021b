"""Label masks: choice of the labelled and held-out clips by clip, as in the thesis, by kit, or by count per class."""

import numpy as np


def by_clip(labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Mask of labelled points, bool [n]: a `share` of each class, at least one point. labels: class indices [n]."""
    rng = np.random.default_rng([seed, 0])
    labelled = np.zeros(len(labels), dtype=bool)
    for index in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == index))
        labelled[rows[: max(1, round(share * len(rows)))]] = True
    return labelled


def by_kit(kits: np.ndarray, duplicates: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Masks of labelled and of held-out points, bool [n] each; all points of a kit are labelled, or none.

    Random kits are labelled until they contain a `share` of the points, as nearly as their sizes allow. Points of the
    other kits are held out unless a near-duplicate is labelled. kits, duplicates: [n], kit and near-duplicate group.
    """
    rng = np.random.default_rng([seed, 1])
    names, kit_index, sizes = np.unique(kits, return_inverse=True, return_counts=True)
    target, count = share * len(kits), 0
    chosen: list[int] = []
    for kit in rng.permutation(len(names)):
        # Kits differ much in size: one that would exceed the target by more than is missing without it is skipped.
        if count + sizes[kit] - target <= max(0, target - count):
            chosen.append(kit)
            count += int(sizes[kit])
    labelled = np.isin(kit_index, chosen)
    return labelled, ~labelled & ~np.isin(duplicates, duplicates[labelled])


def per_class(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Mask of labelled points, bool [n]: `count` of each class, or all points of a class that has fewer."""
    rng = np.random.default_rng([seed, 2])
    labelled = np.zeros(len(labels), dtype=bool)
    for index in np.unique(labels):
        labelled[rng.permutation(np.flatnonzero(labels == index))[:count]] = True
    return labelled
