import numpy as np
import pytest

from drumspace.classify.label_issues import crossed, issues, joined_groups

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


def test_kits_that_share_a_near_duplicate_are_one_group() -> None:
    kits = np.array(["a", "a", "b", "c", "d"])
    duplicates = np.array([1, 2, 2, 3, 4])
    groups = joined_groups(kits, duplicates)
    assert len({*groups[:3]}) == 1
    assert len({*groups}) == 3
