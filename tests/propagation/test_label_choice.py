"""Choice of the method and the threshold of propagated labels, by cross-validation over kits."""

import numpy as np

from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.cell_classifier import ClassifierParams
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.label_choice import HeldOut, choose, cross_val_predict, given_labels
from drumspace.propagation.methods.knn import Settings

CLASSIFIER = ClassifierParams(features=["mel"], segments=2, components=2, ridge=0.1)


def test_folds_hold_out_kits_and_their_near_duplicates() -> None:
    truth, kits = np.arange(240) % 3, np.arange(240) // 10
    groups = np.arange(240)
    groups[5], groups[100] = 500, 500
    fold_labels: list[np.ndarray] = []

    class Recording(Propagation):
        def predict(self, labels: np.ndarray) -> dict[str, np.ndarray]:
            fold_labels.append(labels)
            return {"knn": np.tile(np.arange(240)[:, None], 3)}

    none = Neighbours.from_points(np.zeros((240, 1)), 0)
    recording = Recording(np.zeros((240, 1)), none, 2, {"knn": Settings()}, 1, CLASSIFIER, groups)
    trusted = kits != 3
    predictions = cross_val_predict(recording, truth, kits, trusted, 4)
    assert predictions is not None
    rows = predictions.probs["knn"][:, 0].astype(int)
    assert rows.tolist() == np.flatnonzero(trusted).tolist()
    assert np.array_equal(predictions.kits, kits[rows]) and np.array_equal(predictions.truth, truth[rows])
    for number, labels in enumerate(fold_labels):
        held_out = rows[predictions.fold == number]
        assert (labels[held_out] == -1).all()
        assert not set(kits[held_out]) & set(kits[labels >= 0])
        assert not set(groups[held_out]) & set(groups[labels >= 0])
        assert (labels[~trusted] >= 0).any()


def test_the_method_with_more_labels_at_the_target_is_chosen() -> None:
    """Both methods are right on 90 of 100; the second is less sure of the ten that are wrong."""
    truth = np.zeros(100, dtype=int)
    truth[::10] = 2
    unsure, sure = np.tile([0.9, 0.05, 0.05], (100, 1)), np.tile([0.9, 0.05, 0.05], (100, 1))
    unsure[truth == 2] = [0.5, 0.1, 0.4]
    held_out = HeldOut(truth, np.arange(100), np.arange(100) % 5, {"classifier": sure, "hybrid": unsure})
    choice = choose(held_out, ["classifier", "hybrid"], 0.95)
    assert (choice.method, choice.threshold) == ("hybrid", 0.9)
    assert [candidate["coverage"] for candidate in choice.candidates] == [0.0, 1.0]
    assert np.array_equal(choice.given(unsure), truth == 0)
    assert choose(held_out, ["classifier", "hybrid"], 0.85).method == "classifier"


def test_without_a_threshold_the_first_method_stays_and_gives_no_label() -> None:
    probs = np.tile([0.6, 0.3, 0.1], (20, 1))
    held_out = HeldOut(np.ones(20, dtype=int), np.arange(20), np.arange(20) % 2, {"knn": probs, "hybrid": probs})
    choice = choose(held_out, ["knn", "hybrid"], 0.9)
    assert (choice.method, choice.threshold) == ("knn", None)
    assert not choice.given(probs).any()
    assert not given_labels(np.zeros((3, 3)), 0.0).any()
    assert choose(None, ["hybrid"], 0.9).threshold is None
