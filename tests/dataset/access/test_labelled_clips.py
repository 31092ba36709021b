"""Labelled clips and other drums in the parts of a split."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.io.shards import shard_path

CATALOG = [  # kit, label, other, part, part_1
    ("a", "kick", False, "train", "validation"),
    ("a", None, True, "unlabelled", "held_out"),
    ("b", "snare", False, "validation", "train"),
    ("b", None, True, "held_out", "unlabelled"),
    ("b", None, False, "held_out", "unlabelled"),
    ("c", "hat", False, "test_rest", "train"),
    ("c", None, True, "held_out", "unlabelled"),
    ("d", None, True, "unlabelled", "unlabelled"),
]


@pytest.fixture
def data(tmp_path: Path) -> LabelledClips:
    table = pd.DataFrame(CATALOG, columns=["kit", "label", "other", "part", "part_1"])
    table["clip_id"] = [f"clip{number}" for number in range(len(table))]
    clips = tmp_path / "clips"
    clips.mkdir()
    np.save(shard_path(clips, 0), np.zeros((len(table), 4), dtype=np.int16))
    catalog = table.drop(columns=["part", "part_1"]).assign(shard=0, row=np.arange(len(table)))
    catalog.to_parquet(clips / "catalog.parquet")
    table[["clip_id", "part", "part_1"]].sample(frac=1, random_state=0).to_parquet(tmp_path / "splits.parquet")
    return LabelledClips(clips, tmp_path / "splits.parquet")


def test_labels_are_class_indices_and_minus_one_for_none(data: LabelledClips) -> None:
    assert data.labels.tolist() == [0, -1, 1, -1, -1, 2, -1, -1]
    assert data.all_rows.tolist() == [0, 2, 5]
    assert data.repeats == 2
    assert [data.rows(0, part).tolist() for part in ("train", "validation", "test", "test_rest")] == [[0], [2], [], [5]]
    assert data.rows(1, "train").tolist() == [2, 5]


def test_other_drums_follow_the_labelled_clips_of_their_kit(data: LabelledClips) -> None:
    assert data.other_rows(0, "train").tolist() == [1, 7]
    assert data.other_rows(0, "validation").tolist() == [3]
    assert data.other_rows(0, "test").tolist() == [6]
    assert data.other_rows(1, "train").tolist() == [3, 6, 7]
    assert data.other_rows(1, "validation").tolist() == [1]
    assert data.other_rows(1, "test").tolist() == []
