"""Who learns from which clips: no kit serves two ends."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drumspace.dataset.access.subsets import Roles, hold_out_kits


@dataclass
class Few:
    """As much of LabelledClips as Roles looks at."""

    labels: np.ndarray
    catalog: pd.DataFrame


PARTS = np.array(["train", "train", "unlabelled", "validation", "test", "test_rest", "judge", "reference", "excluded"])


def roles(parts: np.ndarray, synthetic: int | None = None, same: tuple[int, int] = (0, 0)) -> Roles:
    labels = np.where(parts == "unlabelled", -1, 0)
    marks = np.zeros(len(parts), dtype=bool)
    if synthetic is not None:
        marks[synthetic] = True
    groups = np.arange(len(parts))
    groups[same[1]] = same[0]
    return Roles(Few(labels, pd.DataFrame({"synthetic": marks, "duplicate_group": groups})), parts)  # type: ignore[arg-type]


def test_parts_of_their_own_are_theirs_alone() -> None:
    found = roles(PARTS)
    assert found.generators.tolist() == [0, 1, 2]
    assert found.judge.tolist() == [6]
    assert found.reference.tolist() == [7]
    assert found.others.tolist() == [3, 4, 5]


def test_without_them_the_reference_is_what_was_held_out() -> None:
    found = roles(PARTS[:6])
    assert found.judge.tolist() == [0, 1]
    assert found.reference.tolist() == [3, 4, 5]
    assert found.others.tolist() == [0, 1]
    assert not set(found.reference) & (set(found.judge) | set(found.generators))


def test_the_reference_has_one_of_a_group_of_near_duplicates() -> None:
    assert roles(PARTS[:6], same=(4, 5)).reference.tolist() == [3, 4]


def test_synthetic_sounds_teach_generators_alone() -> None:
    assert roles(PARTS[:6], synthetic=0).others.tolist() == [1]
    assert roles(PARTS[:6], synthetic=0).judge.tolist() == [1]
    assert roles(PARTS[:6], synthetic=0).generators.tolist() == [0, 1, 2]
    assert roles(PARTS[:6], synthetic=4).reference.tolist() == [3, 5]


def test_held_out_kits_are_whole() -> None:
    rng = np.random.default_rng(0)
    kits, labels = rng.integers(0, 12, 300), rng.integers(0, 8, 300)
    held = hold_out_kits(kits, labels, 5, 0)
    assert not set(kits[held]) & set(kits[~held])
    assert 0.1 < held.mean() < 0.35
    assert not hold_out_kits(kits[:3], labels[:3], 5, 0).any()
