import numpy as np
import pytest

from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.cell_classifier import ClassifierParams
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.methods.hybrid import Settings
from drumspace.propagation.settings import AnnotatorParams
from drumspace.propagation.simulated_annotator import answer_all, answers_needed, curves

PARAMS = AnnotatorParams(initial_labels_per_class=1, batch=5, max_annotations=40, seeds=2)


def sheet(count: int = 300, bend: float = 1.0) -> tuple[Propagation, np.ndarray]:
    """Two classes on either side of a wave: what lies near it has to be asked about. Near-duplicates come in pairs."""
    rng = np.random.default_rng(0)
    places = rng.uniform(-3, 3, (count // 2, 2))
    points = np.repeat(places, 2, axis=0) + rng.standard_normal((count, 2)) * 0.01
    labels = (np.repeat(places[:, 0] - bend * np.sin(2 * places[:, 1]), 2) > 0).astype(int)
    classifier = ClassifierParams(features=["mel"], segments=1, components=2, ridge=0.1)
    groups = np.arange(count) // 2
    neighbours = Neighbours.from_points(points, 30)
    return Propagation(points, neighbours, 2, "hybrid", Settings(alpha=0.5, rounds=10), 6, classifier, groups), labels


def test_the_queue_needs_fewer_answers_than_chance() -> None:
    propagation, labels = sheet()
    found = curves(propagation, labels, PARAMS, 0)
    assert [row["annotations"] for row in found["queue"]] == list(range(0, 41, 5))
    assert found["queue"][0]["accuracy"] == found["random"][0]["accuracy"]
    assert found["ratio"] is not None
    assert found["ratio"] < 0.75


@pytest.mark.parametrize("order", ["queue", "random"])
def test_an_answer_is_never_asked_twice_and_labels_near_duplicates(order: str) -> None:
    propagation, labels = sheet(24)
    steps = list(answer_all(propagation, labels, PARAMS, order, 0))
    # 12 pairs, of two of which one clip is known: then all of it is known, long before 40 answers.
    assert steps[-1][0] <= 12
    assert steps[-1][1] == 1.0


def test_answers_needed_lie_between_the_curves_points() -> None:
    curve = [
        {"annotations": 0, "accuracy": 0.5},
        {"annotations": 10, "accuracy": 0.7},
        {"annotations": 20, "accuracy": 0.8},
    ]
    assert answers_needed(curve, 0.75) == pytest.approx(15)
    assert answers_needed(curve, 0.4) == 0
    assert answers_needed(curve, 0.9) is None
