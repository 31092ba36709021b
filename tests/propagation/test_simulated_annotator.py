"""Learning curves of the simulated annotator on a boundary between two classes."""

import numpy as np
import pytest

from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.cell_classifier import ClassifierParams
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.methods.hybrid import Settings
from drumspace.propagation.settings import AnnotatorParams
from drumspace.propagation.simulated_annotator import annotate, annotations_needed, compare_orders

PARAMS = AnnotatorParams(initial_labels_per_class=1, batch=5, max_annotations=40, seeds=2)


def sheet(count: int = 300, bend: float = 1.0) -> tuple[Propagation, np.ndarray]:
    """Two classes on either side of a wavy boundary, where labels are needed; each clip has a near-duplicate."""
    rng = np.random.default_rng(0)
    pairs = rng.uniform(-3, 3, (count // 2, 2))
    points = np.repeat(pairs, 2, axis=0) + rng.standard_normal((count, 2)) * 0.01
    labels = (np.repeat(pairs[:, 0] - bend * np.sin(2 * pairs[:, 1]), 2) > 0).astype(int)
    classifier = ClassifierParams(features=["mel"], segments=1, components=2, ridge=0.1)
    groups = np.arange(count) // 2
    neighbours = Neighbours.from_points(points, 30)
    return Propagation(points, neighbours, 2, {"hybrid": Settings(alpha=0.5, rounds=10)}, 6, classifier, groups), labels


def test_the_queue_needs_fewer_annotations_than_random_order() -> None:
    propagation, labels = sheet()
    result = compare_orders(propagation, labels, PARAMS, 0)
    assert [row["annotations"] for row in result["queue"]] == list(range(0, 41, 5))
    assert result["queue"][0]["accuracy"] == result["random"][0]["accuracy"]
    assert result["ratio"] is not None
    assert result["ratio"] < 0.75


@pytest.mark.parametrize("order", ["queue", "random"])
def test_a_clip_is_annotated_once_together_with_its_near_duplicates(order: str) -> None:
    propagation, labels = sheet(24)
    steps = list(annotate(propagation, labels, PARAMS, order, 0))
    # 12 pairs, two of which have one labelled clip at the start: all are labelled long before 40 annotations.
    assert steps[-1][0] <= 12
    assert steps[-1][1] == 1.0


def test_annotations_needed_are_interpolated() -> None:
    curve = [
        {"annotations": 0, "accuracy": 0.5},
        {"annotations": 10, "accuracy": 0.7},
        {"annotations": 20, "accuracy": 0.8},
    ]
    assert annotations_needed(curve, 0.75) == pytest.approx(15)
    assert annotations_needed(curve, 0.4) == 0
    assert annotations_needed(curve, 0.9) is None
