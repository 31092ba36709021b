"""Threshold, precision and coverage of propagated labels, on a catalogue with a cloud of points for each class."""

import numpy as np
import pytest

from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.cell_classifier import ClassifierParams
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.label_choice import HeldOut, choose, cross_val_predict
from drumspace.propagation.label_quality import cross_validated_metrics, evaluate_labels, selective_metrics
from drumspace.propagation.methods import classifier, hybrid
from drumspace.propagation.settings import LabelsParams

CLASSIFIER = ClassifierParams(features=["mel"], segments=2, components=2, ridge=0.1)
PARAMS = LabelsParams(methods=["classifier", "hybrid"], k=3, target_precision=0.95, folds=4, queue_length=5)


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
    methods = {"classifier": classifier.Settings(), "hybrid": hybrid.Settings(alpha=0.5, rounds=10)}
    neighbours = Neighbours.from_points(points, 60)
    return Propagation(points, neighbours, 2, methods, 3, CLASSIFIER, groups), truth, np.arange(240) // 10


def threshold_of(propagation: Propagation, labels: np.ndarray, kits: np.ndarray) -> float | None:
    held_out = cross_val_predict(propagation, labels, kits, np.ones(len(labels), dtype=bool), PARAMS.folds)
    return choose(held_out, PARAMS.methods, PARAMS.target_precision).threshold


def test_separate_classes_get_labels_and_others_get_none() -> None:
    propagation, truth, kits = clouds()
    labels = np.where(kits < 16, truth, -1)
    threshold = threshold_of(propagation, labels, kits)
    assert threshold is not None
    unlabelled = labels < 0
    probs = propagation.predict(labels)["hybrid"]
    figures = selective_metrics(probs[unlabelled], truth[unlabelled], "hybrid", threshold)
    assert figures["precision"] == 1
    assert figures["coverage"] > 0.9
    assert figures["others_abstained"] > 0.9


def test_a_precision_out_of_reach_gives_no_label() -> None:
    propagation, truth, kits = clouds(confused=0.6)
    labels = np.where(kits < 16, truth, -1)
    assert threshold_of(propagation, labels, kits) is None
    figures = selective_metrics(propagation.predict(labels)["hybrid"], truth, "hybrid", None)
    assert figures["coverage"] == 0
    assert figures["precision"] is None
    assert figures["others_abstained"] == 1


def test_abstentions_give_no_label_and_do_not_change_the_threshold() -> None:
    probs = np.array([[0.9, 0.1, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    figures = selective_metrics(probs, np.array([0, 0, 2]), "knn", 0.0)
    assert (figures["predicted"], figures["precision"], figures["others_abstained"]) == (1, 1.0, 1.0)
    propagation, truth, kits = clouds()

    class Abstaining(Propagation):
        def predict(self, labels: np.ndarray) -> dict[str, np.ndarray]:
            probs = np.eye(3)[truth]
            probs[::4] = 0
            return dict.fromkeys(self.methods, probs)

    abstaining = Abstaining(**propagation.__dict__)
    assert threshold_of(abstaining, truth, kits) == 1.0


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
    assert threshold_of(propagation, labels, kits) is None
    assert cross_validated_metrics(None, 0.95)["target_kept"] is None


def test_cross_validated_figures_do_not_depend_on_a_folds_own_labels_for_its_threshold() -> None:
    """One fold's predictions are wrong and confident: the others' threshold labels them, and the precision falls."""
    truth, fold = np.tile([0, 1], 50), np.repeat(np.arange(5), 20)
    probs = np.eye(3)[truth] * 0.9 + 0.1 / 3
    probs[fold == 4] = probs[fold == 4][:, [1, 0, 2]]
    figures = cross_validated_metrics(HeldOut(truth, fold, fold, {"knn": probs}), 0.95)
    assert (figures["n"], figures["others"], figures["kits"]) == (100, 0, 5)
    # The other folds reach 0.95 among themselves only without the wrong one, so that its labels alone are given.
    assert figures["coverage"] == pytest.approx(0.2)
    assert (figures["precision"], figures["target_kept"]) == (0.0, False)
    assert figures["accuracy"] == pytest.approx(0.8)
    right = cross_validated_metrics(HeldOut(truth, fold, fold, {"knn": np.eye(3)[truth]}), 0.95)
    assert (right["precision"], right["coverage"], right["target_kept"]) == (1.0, 1.0, True)
    assert right["precision_ci95"] == [1.0, 1.0]


def test_labels_of_others_count_as_wrong_and_kits_set_the_interval() -> None:
    truth = np.where(np.arange(200) % 20 == 0, 2, 0)
    fold, kits = np.repeat(np.arange(4), 50), np.arange(200) // 10
    probs = np.tile([0.8, 0.1, 0.1], (200, 1))
    figures = cross_validated_metrics(HeldOut(truth, kits, fold, {"knn": probs}), 0.9)
    assert (figures["precision"], figures["precision_with_others"]) == (1.0, pytest.approx(0.95))
    assert figures["others_abstained"] == 0
    # Every other kit of ten has one of `other`: the bounds lie around 0.95.
    low, high = figures["precision_with_others_ci95"] or (0, 0)
    assert 0.9 < low < 0.95 < high < 1
