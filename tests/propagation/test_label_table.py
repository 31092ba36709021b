"""Table of propagated labels and review queue of a few clips."""

import numpy as np
import pandas as pd

from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.label_table import label_table, queue_table, summarize_groups

CLASSES = ("kick", "snare")
LABELS = np.array([0, 0, 1, -1, -1, -1, 2, 1, 0])
GROUPS = np.array([10, 11, 12, 10, 13, 14, 15, 16, 16])


def test_groups_have_one_label_or_conflicting_ones() -> None:
    summary = summarize_groups(LABELS, GROUPS)
    assert summary.label.tolist() == [0, 0, 1, 0, -1, -1, 2, -1, -1]
    assert np.flatnonzero(summary.conflicting).tolist() == [7, 8]
    assert summary.agreement == 0.0
    assert summarize_groups(np.array([0, 0, 0, 1]), np.array([1, 1, 2, 2])).agreement == 0.5
    assert summarize_groups(np.array([0, 1]), np.array([1, 2])).agreement is None


def test_labels_are_given_above_the_threshold_and_to_near_duplicates() -> None:
    groups = summarize_groups(np.append(LABELS[:7], [1, 1]), GROUPS)
    probs = np.full((9, 3), 1 / 3)
    probs[4] = [0.1, 0.85, 0.05]
    probs[5] = [0.6, 0.1, 0.3]
    labels = np.append(LABELS[:7], [1, 1])
    table = label_table(np.array([f"c{n}" for n in range(9)]), probs, labels, groups, 0.8, 0.95, "hybrid", CLASSES)
    table = table.set_index("clip_id")
    assert list(table.index) == ["c3", "c4", "c5", "c6"]
    assert table["label"].tolist()[:2] == ["kick", "snare"]
    assert table["label"].isna().tolist() == [False, False, True, True]
    assert table["method"].tolist() == ["near_duplicate", "hybrid", "hybrid", "name"]
    assert table.loc["c3", "confidence"] == 1.0
    assert table.loc["c4", "snare"] == np.float32(0.85)
    without_threshold = label_table(
        np.array([f"c{n}" for n in range(9)]), probs, labels, groups, None, 0.95, "hybrid", CLASSES
    )
    assert without_threshold["label"].notna().sum() == 1
    assert without_threshold["label"].dtype == table["label"].dtype


def test_near_duplicates_with_low_agreement_give_no_label() -> None:
    labels = np.array([0, -1, 0, 1, 0, 0])
    groups = summarize_groups(labels, np.array([1, 1, 2, 2, 3, 3]))
    assert groups.agreement == 0.5
    table = label_table(np.array(list("abcdef")), np.full((6, 3), 0.3), labels, groups, 0.9, 0.95, "hybrid", CLASSES)
    assert table["label"].isna().all()
    assert table["method"].tolist() == ["hybrid"]


def test_near_duplicates_of_other_and_abstentions_get_no_label() -> None:
    labels = np.array([2, -1, -1, 0])
    groups = summarize_groups(labels, np.array([1, 1, 2, 3]))
    probs = np.array([[0, 0, 1.0], [0.95, 0.0, 0.05], [0, 0, 0], [1.0, 0, 0]])
    table = label_table(np.array(list("abcd")), probs, labels, groups, 0.0, 0.95, "bubble", CLASSES).set_index(
        "clip_id"
    )
    assert table["label"].isna().all()
    assert table.loc["b", "method"] == "near_duplicate"


def test_the_queue_has_unlabelled_clips_with_their_likeliest_class() -> None:
    catalog = pd.DataFrame(
        {"path": [f"own/{n}.wav" for n in range(9)], "clip_id": [f"c{n}" for n in range(9)], "duplicate_group": GROUPS}
    )
    graph = Neighbours.from_points(np.arange(9.0)[:, None], 8).graph(2)
    probs = np.tile([0.5, 0.4, 0.1], (9, 1))
    probs[5] = [0.1, 0.2, 0.7]
    labelled_by_duplicate = np.arange(9) == 3
    queue = queue_table(catalog, probs, LABELS, labelled_by_duplicate, graph, 5, CLASSES).set_index("clip_id")
    assert set(queue.index) == {"c4", "c5"}
    assert queue["suggested"].to_dict() == {"c4": "kick", "c5": "other"}
    assert (queue["near_duplicates"] == 0).all()
    no_clip = np.zeros(9, dtype=bool)
    assert queue_table(catalog, probs, np.zeros(9, dtype=int), no_clip, graph, 2, CLASSES).empty
