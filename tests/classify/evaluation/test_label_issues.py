import numpy as np
import pytest

from drumspace.classify.evaluation.label_issues import crossed, issues

rng = np.random.default_rng(0)
LABELS = np.repeat(np.arange(4), 100)
POINTS = np.eye(4)[LABELS] * 4 + rng.normal(size=(400, 4))
GROUPS = np.arange(400) % 20


def scores_of(labels: np.ndarray, heard: list[tuple[set[int], set[int]]] | None = None):
    """Distances to the means of the classes."""

    def scores(fitted: np.ndarray, asked: np.ndarray) -> np.ndarray:
        if heard is not None:
            heard.append((set(GROUPS[fitted].tolist()), set(GROUPS[asked].tolist())))
        means = np.stack([POINTS[fitted][labels[fitted] == index].mean(axis=0) for index in range(4)])
        return -(np.linalg.norm(POINTS[asked][:, None] - means, axis=2) ** 2)

    return scores


def test_no_group_is_asked_of_a_model_that_heard_it_and_every_clip_is_asked() -> None:
    heard: list[tuple[set[int], set[int]]] = []
    probabilities = crossed(LABELS, GROUPS, 5, 0, scores_of(LABELS, heard))
    assert len(heard) == 5
    assert all(not fitted & asked for fitted, asked in heard)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (probabilities.argmax(axis=1) == LABELS).mean() > 0.95


def test_a_class_that_a_fold_did_not_hear_leaves_the_calibration_alone() -> None:
    usual = crossed(LABELS, GROUPS, 5, 0, scores_of(LABELS))
    inner = scores_of(LABELS)

    def scores(fitted: np.ndarray, asked: np.ndarray) -> np.ndarray:
        found = inner(fitted, asked)
        deaf = ~np.isin(np.arange(4), LABELS[fitted])
        found[:, deaf] = -1000.0
        return found

    # All of class 3 in one group: the fold that asks about it has heard none of it.
    groups = np.where(LABELS == 3, 20, GROUPS)
    probabilities = crossed(LABELS, groups, 5, 0, scores)
    known = LABELS != 3
    assert probabilities[known].max(axis=1).mean() == pytest.approx(usual[known].max(axis=1).mean(), abs=0.05)
    assert probabilities[~known, 3].max() < 1e-3


def test_wrong_labels_are_found() -> None:
    labels = LABELS.copy()
    wrong = rng.choice(400, 20, replace=False)
    labels[wrong] = (labels[wrong] + 1) % 4
    doubted, quality = issues(labels, crossed(labels, GROUPS, 5, 0, scores_of(labels)))
    assert len(set(doubted) & set(wrong)) >= 18
    assert len(set(doubted) - set(wrong)) <= 6
    assert quality[wrong].mean() < 0.1 < 0.8 < np.delete(quality, wrong).mean()
    assert (np.diff(quality[doubted]) >= 0).all()


def test_classes_without_clips_do_no_harm() -> None:
    labels = np.where(LABELS == 3, 7, LABELS)
    probabilities = np.full((400, 8), 0.01)
    probabilities[np.arange(400), labels] = 0.93
    assert len(issues(labels, probabilities)[0]) == 0


def test_too_few_groups_are_said() -> None:
    with pytest.raises(ValueError, match="30 folds need as many groups, and there are 20"):
        crossed(LABELS, GROUPS, 30, 0, scores_of(LABELS))
