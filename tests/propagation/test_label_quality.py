"""Threshold, precision and coverage of propagated labels, on a catalogue with a cloud of points for each class."""

import numpy as np
import pytest

from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.cell_classifier import ClassifierParams
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.label_quality import (
    cross_val_predict,
    evaluate_labels,
    find_threshold,
    selective_metrics,
)
from drumspace.propagation.methods.hybrid import Settings
from drumspace.propagation.settings import LabelsParams

CLASSIFIER = ClassifierParams(features=["mel"], segments=2, components=2, ridge=0.1)
PARAMS = LabelsParams(method="hybrid", k=3, target_precision=0.95, folds=4, queue_length=5)


def clouds(seed: int = 0, confused: float = 0.0) -> tuple[Propagation, np.ndarray, np.ndarray]:
    """A cloud of points each for two classes and `other`, 240 clips of 24 kits: propagation, truth (2 is other), kits.

    confused: share of the clips that lie in another class's cloud.
    """
    rng = np.random.default_rng(seed)
    truth = np.arange(240) % 3
    cloud = np.where(rng.random(240) < confused, (truth + 1) % 3, truth)
    points = rng.standard_normal((240, 4)) * 0.3
    points[np.arange(240), cloud] += 3
    groups = np.arange(240)
    settings = Settings(alpha=0.5, rounds=10)
    neighbours = Neighbours.from_points(points, 60)
    return Propagation(points, neighbours, 2, "hybrid", settings, 3, CLASSIFIER, groups), truth, np.arange(240) // 10


def test_folds_hold_out_kits_and_their_near_duplicates() -> None:
    propagation, truth, kits = clouds()
    groups = np.arange(240)
    groups[5], groups[100] = 500, 500
    fold_labels: list[np.ndarray] = []

    class Recording(Propagation):
        def predict(self, labels: np.ndarray) -> np.ndarray:
            fold_labels.append(labels)
            return np.full((240, 3), 1 / 3)

    recording = Recording(**{**propagation.__dict__, "groups": groups})
    trusted = kits != 3
    rows = [rows for rows, _ in cross_val_predict(recording, truth, kits, trusted, 4)]
    assert sorted(np.concatenate(rows)) == np.flatnonzero(trusted).tolist()
    for held_out, labels in zip(rows, fold_labels, strict=True):
        assert (labels[held_out] == -1).all()
        assert not set(kits[held_out]) & set(kits[labels >= 0])
        assert not set(groups[held_out]) & set(groups[labels >= 0])
        assert (labels[~trusted] >= 0).any()


def test_separate_classes_get_labels_and_others_get_none() -> None:
    propagation, truth, kits = clouds()
    labels = np.where(kits < 16, truth, -1)
    trusted = np.ones(240, dtype=bool)
    threshold = find_threshold(propagation, labels, kits, trusted, PARAMS)
    assert threshold is not None
    unlabelled = labels < 0
    figures = selective_metrics(propagation.predict(labels)[unlabelled], truth[unlabelled], threshold)
    assert figures["precision"] == 1
    assert figures["coverage"] > 0.9
    assert figures["others_abstained"] > 0.9


def test_a_precision_out_of_reach_gives_no_label() -> None:
    propagation, truth, kits = clouds(confused=0.6)
    labels = np.where(kits < 16, truth, -1)
    assert find_threshold(propagation, labels, kits, np.ones(240, dtype=bool), PARAMS) is None
    figures = selective_metrics(propagation.predict(labels), truth, None)
    assert figures["coverage"] == 0
    assert figures["precision"] is None
    assert figures["others_abstained"] == 1


def test_abstentions_give_no_label_and_do_not_change_the_threshold() -> None:
    probs = np.array([[0.9, 0.1, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    figures = selective_metrics(probs, np.array([0, 0, 2]), 0.0)
    assert (figures["predicted"], figures["precision"], figures["others_abstained"]) == (1, 1.0, 1.0)
    propagation, truth, kits = clouds()

    class Abstaining(Propagation):
        def predict(self, labels: np.ndarray) -> np.ndarray:
            probs = np.eye(3)[truth]
            probs[::4] = 0
            return probs

    abstaining = Abstaining(**propagation.__dict__)
    assert find_threshold(abstaining, truth, kits, np.ones(240, dtype=bool), PARAMS) == 1.0


def test_others_with_a_labelled_near_duplicate_are_not_tested() -> None:
    propagation, truth, kits = clouds()
    groups = np.arange(240)
    other = np.flatnonzero((truth == 2) & (kits >= 18))
    groups[other[:3]] = groups[:3]
    part = np.where(kits < 18, "train", "test").astype(object)
    part[truth == 2] = np.where(kits[truth == 2] < 18, "unlabelled", "held_out")
    with_groups = Propagation(**{**propagation.__dict__, "groups": groups})
    figures = evaluate_labels(with_groups, truth, kits, np.ones(240, dtype=bool), [part], PARAMS)
    assert figures["splits"][0]["others"] == len(other) - 3


def test_precision_is_measured_on_test_parts_alone() -> None:
    propagation, truth, kits = clouds(confused=0.1)
    part = np.select([kits < 14, kits < 18], ["train", "validation"], "test").astype(object)
    part[(truth == 2) & (kits < 14)] = "unlabelled"
    part[(truth == 2) & (kits >= 14)] = "held_out"
    figures = evaluate_labels(propagation, truth, kits, np.ones(240, dtype=bool), [part, part], PARAMS)
    # Two equal splits: each clip counts once. Clips of `other` in validation kits are not tested.
    assert figures["n"] == int(((truth < 2) & (kits >= 18)).sum())
    assert figures["splits"][0] == figures["splits"][1]
    assert figures["splits"][0]["others"] == int(((truth == 2) & (kits >= 18)).sum())
    other_test = truth.copy()
    other_test[kits >= 18] = (other_test[kits >= 18] + 1) % 3
    again = evaluate_labels(propagation, other_test, kits, np.ones(240, dtype=bool), [part], PARAMS)
    assert again["splits"][0]["threshold"] == figures["splits"][0]["threshold"]


@pytest.mark.parametrize("labelled_kits", [0, 1])
def test_without_two_kits_there_is_no_threshold(labelled_kits: int) -> None:
    propagation, truth, kits = clouds()
    labels = np.where(kits < labelled_kits, truth, -1)
    assert find_threshold(propagation, labels, kits, np.ones(240, dtype=bool), PARAMS) is None
