import numpy as np
import pandas as pd
import pytest

from drumspace.classify.evaluation.label_issues import (
    COLUMNS,
    cross_val_predict,
    issue_table,
    rank_label_issues,
    unmeasured_issues,
)

rng = np.random.default_rng(0)
LABELS = np.repeat(np.arange(4), 100)
POINTS = np.eye(4)[LABELS] * 4 + rng.normal(size=(400, 4))
GROUPS = np.arange(400) % 20


def scores_of(labels: np.ndarray, folds: list[tuple[set[int], set[int]]] | None = None):
    """Function that fits class means and returns negative squared distances to them."""

    def scores(training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
        if folds is not None:
            folds.append((set(GROUPS[training].tolist()), set(GROUPS[held_out].tolist())))
        means = np.stack([POINTS[training][labels[training] == index].mean(axis=0) for index in range(4)])
        return -(np.linalg.norm(POINTS[held_out][:, None] - means, axis=2) ** 2)

    return scores


def test_every_clip_is_predicted_by_a_model_that_was_not_trained_on_its_group() -> None:
    folds: list[tuple[set[int], set[int]]] = []
    probabilities = cross_val_predict(LABELS, GROUPS, 5, 0, scores_of(LABELS, folds))
    assert len(folds) == 5
    assert all(not training & held_out for training, held_out in folds)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (probabilities.argmax(axis=1) == LABELS).mean() > 0.95


def test_a_class_missing_from_the_training_of_a_fold_does_not_change_the_calibration() -> None:
    usual = cross_val_predict(LABELS, GROUPS, 5, 0, scores_of(LABELS))
    inner = scores_of(LABELS)

    def scores(training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
        scores = inner(training, held_out)
        untrained = ~np.isin(np.arange(4), LABELS[training])
        scores[:, untrained] = -1000.0
        return scores

    # All clips of class 3 are in one group, so the model that predicts them was not trained on class 3.
    groups = np.where(LABELS == 3, 20, GROUPS)
    probabilities = cross_val_predict(LABELS, groups, 5, 0, scores)
    others = LABELS != 3
    assert probabilities[others].max(axis=1).mean() == pytest.approx(usual[others].max(axis=1).mean(), abs=0.05)
    assert probabilities[~others, 3].max() < 1e-3


def test_wrong_labels_are_found() -> None:
    labels = LABELS.copy()
    wrong = rng.choice(400, 20, replace=False)
    labels[wrong] = (labels[wrong] + 1) % 4
    in_doubt, quality = rank_label_issues(labels, cross_val_predict(labels, GROUPS, 5, 0, scores_of(labels)))
    assert len(set(in_doubt) & set(wrong)) >= 18
    assert len(set(in_doubt) - set(wrong)) <= 6
    assert quality[wrong].mean() < 0.1 < 0.8 < np.delete(quality, wrong).mean()
    assert (np.diff(quality[in_doubt]) >= 0).all()


def test_classes_without_clips_cause_no_issues() -> None:
    labels = np.where(LABELS == 3, 7, LABELS)
    probabilities = np.full((400, 8), 0.01)
    probabilities[np.arange(400), labels] = 0.93
    assert len(rank_label_issues(labels, probabilities)[0]) == 0


def test_too_few_groups_are_an_error() -> None:
    with pytest.raises(ValueError, match="30 folds need as many groups, and there are 20"):
        cross_val_predict(LABELS, GROUPS, 30, 0, scores_of(LABELS))


def test_the_table_lists_issues_with_their_source() -> None:
    labels = np.array([0] * 50 + [1] * 50)
    probs = np.eye(2)[labels] * 0.9 + 0.05
    probs[3] = [0.02, 0.98]
    names = np.array(["kick", "snare"])
    catalog = pd.DataFrame({
        "path": [f"a/{n}.wav" for n in range(100)], "clip_id": [f"c{n}" for n in range(100)],
        "label": names[labels], "source": np.where(np.arange(100) < 50, "first", "second"),
    })  # fmt: skip
    table, figures = issue_table(catalog, labels, probs, ("kick", "snare"))
    assert list(table.columns) == ["path", "label", "suggested", "quality", "clip_id"]
    assert table[["path", "label", "suggested"]].to_numpy().tolist() == [["a/3.wav", "kick", "snare"]]
    assert figures["classes"] == {"kick": 1, "snare": 0}
    assert figures["sources"] == {"first": {"issues": 1, "n": 50}, "second": {"issues": 0, "n": 50}}
    assert figures["accuracy_out_of_fold"] == 0.99


def test_a_collection_of_one_kit_has_a_reason_in_place_of_figures() -> None:
    with pytest.raises(ValueError, match="5 folds need as many groups, and there are 1"):
        cross_val_predict(LABELS, np.zeros(400), 5, 0, scores_of(LABELS))
    table, figures = unmeasured_issues("one kit")
    assert (list(table.columns), len(table)) == (list(COLUMNS), 0)
    assert figures["accuracy_out_of_fold"] is None
    assert figures["not_measured"] == [{"what": "labels in doubt", "why": "one kit"}]
