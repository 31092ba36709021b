"""Tables of propagation: what is held out is seen by nothing, and each figure is what it says."""

import numpy as np
import pytest

from drumspace.io.settings import Params
from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.grid import Known, Space, cells, over_seeds, score

Clouds = tuple[np.ndarray, np.ndarray]


def methods(*names: str) -> dict[str, Params]:
    from drumspace.propagation import registry

    settings = {"hybrid": {"alpha": 0.5, "rounds": 5}}
    return {name: registry.settings_type(name).model_validate(settings.get(name, {})) for name in names}


def test_whatever_is_fitted_sees_known_labels_alone(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    mask = np.arange(len(labels)) % 2 == 0
    asked = np.arange(len(labels)) % 4 == 1
    seen = []

    def neighbours(shown: np.ndarray) -> Neighbours:
        seen.append(shown)
        return Neighbours.from_points(points, 20)

    def fitted(shown: np.ndarray) -> np.ndarray:
        seen.append(shown)
        return np.full((len(shown), 3), 1 / 3)

    space = Space("mel", "umap", 2, "labels", neighbours)
    rows = list(
        cells(labels, 3, Known("clip", 0.5, 7, mask, asked), [space], methods("knn", "hybrid"), [3, 6], fitted, "fused")
    )
    assert len(seen) == 2
    for shown in seen:
        assert (shown[~mask] == -1).all()
        assert np.array_equal(shown[mask], labels[mask])
    assert len(rows) == 4
    assert {row["n"] for row in rows} == {int(asked.sum())}
    assert all(row["accuracy"] > 0.95 for row in rows)


def test_held_out_labels_change_no_answer(three_clouds: Clouds) -> None:
    """Two truths that differ where labels are held out: what is wrong by the one is right by the other."""
    points, labels = three_clouds
    mask = np.arange(len(labels)) % 2 == 0
    other = np.where(mask, labels, (labels + 1) % 3)
    space = Space("mel", "pca", 6, "none", lambda _: Neighbours.from_points(points, 20))
    known = Known("clip", 0.5, 0, mask, ~mask)
    chosen = methods("knn", "classifier")

    def accuracies(truth: np.ndarray) -> list[float]:
        said = np.eye(3)[np.where(mask, labels, 0)]
        return [row["accuracy"] for row in cells(truth, 3, known, [space], chosen, [3], lambda _: said, "fused")]

    first, second = accuracies(labels), accuracies(other)
    assert (first[1], second[1]) == (1.0, 0.0)
    # A classifier that always says 0 is right on the third that is 0, whichever truth that is.
    assert first[0] == pytest.approx(second[0])


def test_a_classifier_is_fitted_only_where_a_method_asks_it(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    mask = np.arange(len(labels)) % 2 == 0
    space = Space("mel", "pca", 6, "none", lambda _: Neighbours.from_points(points, 20))

    def never(shown: np.ndarray) -> np.ndarray:
        raise AssertionError

    known = Known("clip", 0.5, 0, mask, ~mask)
    assert len(list(cells(labels, 3, known, [space], methods("thesis"), [3], never, "fused"))) == 1


def test_a_method_without_neighbours_has_one_row(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    mask = np.arange(len(labels)) % 2 == 0
    spaces = [Space(name, "pca", 6, "none", lambda _: Neighbours.from_points(points, 20)) for name in ("mel", "mfcc")]
    known = Known("clip", 0.5, 0, mask, ~mask)
    rows = list(
        cells(
            labels, 3, known, spaces, methods("classifier", "knn"), [3, 6], lambda _: np.eye(3)[labels], "fused"
        )
    )  # fmt: skip
    assert [(row["method"], row["feature"], row["k"]) for row in rows] == [
        ("classifier", "fused", None), ("knn", "mel", 3), ("knn", "mel", 6), ("knn", "mfcc", 3), ("knn", "mfcc", 6),
    ]  # fmt: skip
    assert rows[0]["accuracy"] == 1


def test_an_abstention_is_wrong_and_counted() -> None:
    said = np.array([[0.9, 0.1], [0.0, 0.0], [0.2, 0.8], [0.6, 0.4]])
    figures = score(said, np.array([0, 0, 1, 1]))
    assert figures == {"accuracy": 0.5, "macro_recall": 0.5, "predicted": 0.75, "n": 4}


def test_seeds_become_a_mean_with_students_interval() -> None:
    row = {
        "method": "knn", "feature": "mel", "map": "pca", "dims": 6, "supervision": "none", "k": 3,
        "labelled_share": 0.5, "split": "clip", "macro_recall": 0.5, "predicted": 1.0, "n": 10,
    }  # fmt: skip
    (found,) = over_seeds([{**row, "seed": seed, "accuracy": a} for seed, a in enumerate((0.75, 0.8, 0.85))])
    assert found["accuracy"] == pytest.approx(0.8)
    assert found["ci95"] == pytest.approx([0.8 - 4.303 * 0.05 / 3**0.5, 0.8 + 4.303 * 0.05 / 3**0.5], abs=1e-3)
    assert found["seeds"] == 3
