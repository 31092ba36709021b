"""Kits that share near-duplicates are one group."""

import numpy as np

from drumspace.dataset.access.groups import connected_groups


def test_kits_that_share_a_near_duplicate_are_one_group() -> None:
    kits = np.array(["a", "a", "b", "c", "d"])
    duplicates = np.array([1, 2, 2, 3, 4])
    groups = connected_groups(kits, duplicates)
    assert len({*groups[:3]}) == 1
    assert len({*groups}) == 3
