"""Evaluation subsets are disjoint in kits."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drumspace.dataset.access.subsets import Subsets, hold_out_kits


@dataclass
class FakeClips:
    """The attributes of LabelledClips that Subsets reads."""

    labels: np.ndarray
    catalog: pd.DataFrame


PARTS = np.array(["train", "train", "unlabelled", "validation", "test", "test_rest", "judge", "reference", "excluded"])


def subsets(parts: np.ndarray, synthetic: int | None = None, duplicates: tuple[int, int] = (0, 0)) -> Subsets:
    labels = np.where(parts == "unlabelled", -1, 0)
    marks = np.zeros(len(parts), dtype=bool)
    if synthetic is not None:
        marks[synthetic] = True
    groups = np.arange(len(parts))
    groups[duplicates[1]] = duplicates[0]
    return Subsets(FakeClips(labels, pd.DataFrame({"synthetic": marks, "duplicate_group": groups})), parts)  # type: ignore[arg-type]


def test_judge_and_reference_subsets_are_disjoint() -> None:
    chosen = subsets(PARTS)
    assert chosen.generators.tolist() == [0, 1, 2]
    assert chosen.judge.tolist() == [6]
    assert chosen.reference.tolist() == [7]
    assert chosen.others.tolist() == [3, 4, 5]


def test_without_a_reference_part_the_held_out_parts_are_the_reference() -> None:
    chosen = subsets(PARTS[:6])
    assert chosen.judge.tolist() == [0, 1]
    assert chosen.reference.tolist() == [3, 4, 5]
    assert chosen.others.tolist() == [0, 1]
    assert not set(chosen.reference) & (set(chosen.judge) | set(chosen.generators))


def test_the_reference_has_one_of_a_group_of_near_duplicates() -> None:
    assert subsets(PARTS[:6], duplicates=(4, 5)).reference.tolist() == [3, 4]


def test_synthetic_sounds_are_for_generators_only() -> None:
    assert subsets(PARTS[:6], synthetic=0).others.tolist() == [1]
    assert subsets(PARTS[:6], synthetic=0).judge.tolist() == [1]
    assert subsets(PARTS[:6], synthetic=0).generators.tolist() == [0, 1, 2]
    assert subsets(PARTS[:6], synthetic=4).reference.tolist() == [3, 5]


def test_held_out_kits_are_whole() -> None:
    rng = np.random.default_rng(0)
    kits, labels = rng.integers(0, 12, 300), rng.integers(0, 8, 300)
    held_out = hold_out_kits(kits, labels, 5, 0)
    assert not set(kits[held_out]) & set(kits[~held_out])
    assert 0.1 < held_out.mean() < 0.35
    assert not hold_out_kits(kits[:3], labels[:3], 5, 0).any()
