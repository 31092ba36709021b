"""Label masks by clip, by kit and by count per class."""

import numpy as np
import pytest

from drumspace.propagation.label_masks import by_clip, by_kit, per_class

LABELS = np.repeat([0, 1, 2], [100, 40, 3])


def test_by_clip_a_share_of_each_class_is_labelled_and_at_least_one() -> None:
    labelled = by_clip(LABELS, 0.1, 0)
    assert [int(labelled[c == LABELS].sum()) for c in range(3)] == [10, 4, 1]
    assert not np.array_equal(labelled, by_clip(LABELS, 0.1, 1))
    assert np.array_equal(labelled, by_clip(LABELS, 0.1, 0))


def test_by_kit_no_kit_or_near_duplicate_is_both_labelled_and_held_out() -> None:
    rng = np.random.default_rng(0)
    kits = rng.integers(0, 30, 600)
    duplicates = rng.integers(0, 400, 600)
    labelled, held_out = by_kit(kits, duplicates, 0.5, 3)
    assert labelled.mean() == pytest.approx(0.5, abs=0.03)
    assert not set(kits[labelled]) & set(kits[held_out])
    assert not set(duplicates[labelled]) & set(duplicates[held_out])
    assert not (labelled & held_out).any()
    assert held_out.sum() > 80


def test_per_class_labels_the_count_or_the_whole_class() -> None:
    labelled = per_class(LABELS, 8, 0)
    assert [int(labelled[c == LABELS].sum()) for c in range(3)] == [8, 8, 3]
