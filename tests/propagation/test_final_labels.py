import numpy as np
import pytest

from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.cell_classifier import ClassifierParams
from drumspace.propagation.final_labels import Propagation, confidence_for, crossed, kept, measure, together
from drumspace.propagation.methods.hybrid import Settings
from drumspace.propagation.settings import LabelsParams

CLASSIFIER = ClassifierParams(features=["mel"], segments=2, components=2, ridge=0.1)
PARAMS = LabelsParams(method="hybrid", k=3, target_precision=0.95, folds=4, queue_length=5)


def world(seed: int = 0, confused: float = 0.0) -> tuple[Propagation, np.ndarray, np.ndarray]:
    """Two classes and others, 240 clips of 24 kits: the propagation, truth (2 is other) and kits.

    confused: the share of clips that lie in another class's cloud.
    """
    rng = np.random.default_rng(seed)
    truth = np.arange(240) % 3
    place = np.where(rng.random(240) < confused, (truth + 1) % 3, truth)
    points = rng.standard_normal((240, 4)) * 0.3
    points[np.arange(240), place] += 3
    groups = np.arange(240)
    settings = Settings(alpha=0.5, rounds=10)
    neighbours = Neighbours.from_points(points, 60)
    return Propagation(points, neighbours, 2, "hybrid", settings, 3, CLASSIFIER, groups), truth, np.arange(240) // 10


def test_folds_hide_a_kit_and_its_near_duplicates() -> None:
    propagation, truth, kits = world()
    groups = np.arange(240)
    groups[5], groups[100] = 500, 500
    shown: list[np.ndarray] = []

    class Watching(Propagation):
        def said(self, known: np.ndarray) -> np.ndarray:
            shown.append(known)
            return np.full((240, 3), 1 / 3)

    watching = Watching(**{**propagation.__dict__, "groups": groups})
    trusted = kits != 3
    rows = [rows for rows, _ in crossed(watching, truth, kits, trusted, 4)]
    assert sorted(np.concatenate(rows)) == np.flatnonzero(trusted).tolist()
    for hidden, known in zip(rows, shown, strict=True):
        assert (known[hidden] == -1).all()
        assert not set(kits[hidden]) & set(kits[known >= 0])
        assert not set(groups[hidden]) & set(groups[known >= 0])
        assert (known[~trusted] >= 0).any()


def test_clear_sounds_are_answered_and_others_left_open() -> None:
    propagation, truth, kits = world()
    known = np.where(kits < 16, truth, -1)
    trusted = np.ones(240, dtype=bool)
    threshold = confidence_for(propagation, known, kits, trusted, PARAMS)
    assert threshold is not None
    asked = known < 0
    figures = kept(propagation.said(known)[asked], truth[asked], threshold)
    assert figures["precision"] == 1
    assert figures["coverage"] > 0.9
    assert figures["others_abstained"] > 0.9


def test_a_precision_that_cannot_be_kept_leaves_all_open() -> None:
    propagation, truth, kits = world(confused=0.6)
    known = np.where(kits < 16, truth, -1)
    assert confidence_for(propagation, known, kits, np.ones(240, dtype=bool), PARAMS) is None
    figures = kept(propagation.said(known), truth, None)
    assert figures["coverage"] == 0
    assert figures["precision"] is None
    assert figures["others_abstained"] == 1


def test_a_clip_of_which_nothing_is_said_gets_no_label_and_moves_no_confidence() -> None:
    said = np.array([[0.9, 0.1, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    figures = kept(said, np.array([0, 0, 2]), 0.0)
    assert (figures["predicted"], figures["precision"], figures["others_abstained"]) == (1, 1.0, 1.0)
    propagation, truth, kits = world()

    class Silent(Propagation):
        def said(self, known: np.ndarray) -> np.ndarray:
            found = np.eye(3)[truth]
            found[::4] = 0
            return found

    silent = Silent(**propagation.__dict__)
    assert confidence_for(silent, truth, kits, np.ones(240, dtype=bool), PARAMS) == 1.0


def test_others_with_a_near_duplicate_that_is_known_are_not_asked_about() -> None:
    propagation, truth, kits = world()
    groups = np.arange(240)
    other = np.flatnonzero((truth == 2) & (kits >= 18))
    groups[other[:3]] = groups[:3]
    part = np.where(kits < 18, "train", "test").astype(object)
    part[truth == 2] = np.where(kits[truth == 2] < 18, "unlabelled", "held_out")
    joined = Propagation(**{**propagation.__dict__, "groups": groups})
    figures = measure(joined, truth, kits, np.ones(240, dtype=bool), [part], PARAMS)
    assert figures["splits"][0]["others"] == len(other) - 3


def test_measured_precision_is_of_parts_that_nothing_has_seen() -> None:
    propagation, truth, kits = world(confused=0.1)
    part = np.select([kits < 14, kits < 18], ["train", "validation"], "test").astype(object)
    part[(truth == 2) & (kits < 14)] = "unlabelled"
    part[(truth == 2) & (kits >= 14)] = "held_out"
    figures = measure(propagation, truth, kits, np.ones(240, dtype=bool), [part, part], PARAMS)
    # Twice the same split: each clip counts once. Others of kits that validate are not asked about.
    assert figures["n"] == int(((truth < 2) & (kits >= 18)).sum())
    assert figures["splits"][0] == figures["splits"][1]
    assert figures["splits"][0]["others"] == int(((truth == 2) & (kits >= 18)).sum())
    other_test = truth.copy()
    other_test[kits >= 18] = (other_test[kits >= 18] + 1) % 3
    again = measure(propagation, other_test, kits, np.ones(240, dtype=bool), [part], PARAMS)
    assert again["splits"][0]["threshold"] == figures["splits"][0]["threshold"]


def test_near_duplicates_get_one_answer() -> None:
    scores = np.array([[0.9, 0.1], [0.1, 0.9], [0.5, 0.5], [0.2, 0.8]])
    found = together(scores, np.array([7, 7, 8, 7]), np.array([True, True, True, False]))
    np.testing.assert_allclose(found, [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.2, 0.8]])


@pytest.mark.parametrize("known_kits", [0, 1])
def test_without_kits_to_compare_no_confidence_is_found(known_kits: int) -> None:
    propagation, truth, kits = world()
    known = np.where(kits < known_kits, truth, -1)
    assert confidence_for(propagation, known, kits, np.ones(240, dtype=bool), PARAMS) is None
