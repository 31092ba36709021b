import numpy as np
import pandas as pd

from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.label_table import label_table, queue_table, read_groups

CLASSES = ("kick", "snare")
KNOWN = np.array([0, 0, 1, -1, -1, -1, 2, 1, 0])
GROUPS = np.array([10, 11, 12, 10, 13, 14, 15, 16, 16])


def test_groups_tell_their_one_label_and_where_labels_disagree() -> None:
    found = read_groups(KNOWN, GROUPS)
    assert found.label.tolist() == [0, 0, 1, 0, -1, -1, 2, -1, -1]
    assert np.flatnonzero(found.conflicting).tolist() == [7, 8]
    assert found.agreement == 0.0
    assert read_groups(np.array([0, 0, 0, 1]), np.array([1, 1, 2, 2])).agreement == 0.5
    assert read_groups(np.array([0, 1]), np.array([1, 2])).agreement is None


def test_labels_are_given_above_the_threshold_and_to_near_duplicates() -> None:
    groups = read_groups(np.append(KNOWN[:7], [1, 1]), GROUPS)
    said = np.full((9, 3), 1 / 3)
    said[4] = [0.1, 0.85, 0.05]
    said[5] = [0.6, 0.1, 0.3]
    known = np.append(KNOWN[:7], [1, 1])
    table = label_table(np.array([f"c{n}" for n in range(9)]), said, known, groups, 0.8, 0.95, "hybrid", CLASSES)
    table = table.set_index("clip_id")
    assert list(table.index) == ["c3", "c4", "c5", "c6"]
    assert table["label"].tolist()[:2] == ["kick", "snare"]
    assert table["label"].isna().tolist() == [False, False, True, True]
    assert table["method"].tolist() == ["near_duplicate", "hybrid", "hybrid", "name"]
    assert table.loc["c3", "confidence"] == 1.0
    assert table.loc["c4", "snare"] == np.float32(0.85)
    nothing = label_table(np.array([f"c{n}" for n in range(9)]), said, known, groups, None, 0.95, "hybrid", CLASSES)
    assert nothing["label"].notna().sum() == 1
    assert nothing["label"].dtype == table["label"].dtype


def test_near_duplicates_whose_labels_often_disagree_give_none() -> None:
    known = np.array([0, -1, 0, 1, 0, 0])
    groups = read_groups(known, np.array([1, 1, 2, 2, 3, 3]))
    assert groups.agreement == 0.5
    table = label_table(np.array(list("abcdef")), np.full((6, 3), 0.3), known, groups, 0.9, 0.95, "hybrid", CLASSES)
    assert table["label"].isna().all()
    assert table["method"].tolist() == ["hybrid"]


def test_a_near_duplicate_of_another_drum_and_a_clip_of_which_nothing_is_said_stay_open() -> None:
    known = np.array([2, -1, -1, 0])
    groups = read_groups(known, np.array([1, 1, 2, 3]))
    said = np.array([[0, 0, 1.0], [0.95, 0.0, 0.05], [0, 0, 0], [1.0, 0, 0]])
    table = label_table(np.array(list("abcd")), said, known, groups, 0.0, 0.95, "bubble", CLASSES).set_index("clip_id")
    assert table["label"].isna().all()
    assert table.loc["b", "method"] == "near_duplicate"


def test_the_queue_names_open_clips_with_a_guess() -> None:
    catalog = pd.DataFrame(
        {"path": [f"own/{n}.wav" for n in range(9)], "clip_id": [f"c{n}" for n in range(9)], "duplicate_group": GROUPS}
    )
    graph = Neighbours.from_points(np.arange(9.0)[:, None], 8).graph(2)
    said = np.tile([0.5, 0.4, 0.1], (9, 1))
    said[5] = [0.1, 0.2, 0.7]
    settled = np.arange(9) == 3
    found = queue_table(catalog, said, KNOWN, settled, graph, 5, CLASSES).set_index("clip_id")
    assert set(found.index) == {"c4", "c5"}
    assert found["suggested"].to_dict() == {"c4": "kick", "c5": "other"}
    assert (found["near_duplicates"] == 0).all()
    nobody = np.zeros(9, dtype=bool)
    assert queue_table(catalog, said, np.zeros(9, dtype=int), nobody, graph, 2, CLASSES).empty
