import numpy as np
import pytest

from drumspace.propagation.label_masks import by_clip, by_kit, per_class

LABELS = np.repeat([0, 1, 2], [100, 40, 3])


def test_by_clip_a_share_of_each_class_is_known_and_at_least_one() -> None:
    known = by_clip(LABELS, 0.1, 0)
    assert [int(known[c == LABELS].sum()) for c in range(3)] == [10, 4, 1]
    assert not np.array_equal(known, by_clip(LABELS, 0.1, 1))
    assert np.array_equal(known, by_clip(LABELS, 0.1, 0))


def test_by_kit_no_kit_and_no_near_duplicate_stands_on_both_sides() -> None:
    rng = np.random.default_rng(0)
    kits = rng.integers(0, 30, 600)
    duplicates = rng.integers(0, 400, 600)
    known, asked = by_kit(kits, duplicates, 0.5, 3)
    assert known.mean() == pytest.approx(0.5, abs=0.03)
    assert not set(kits[known]) & set(kits[asked])
    assert not set(duplicates[known]) & set(duplicates[asked])
    assert not (known & asked).any()
    assert asked.sum() > 80


def test_per_class_gives_so_many_or_all() -> None:
    known = per_class(LABELS, 8, 0)
    assert [int(known[c == LABELS].sum()) for c in range(3)] == [8, 8, 3]
