"""Cells of the tables: held-out labels reach no method, and the metrics count abstentions as wrong."""

import numpy as np
import pytest

from drumspace.io.settings import Params
from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.grid import LabelMask, Space, evaluate_cells, mean_over_seeds, score

Clouds = tuple[np.ndarray, np.ndarray]


def methods(*names: str) -> dict[str, Params]:
    from drumspace.propagation import registry

    settings = {"hybrid": {"alpha": 0.5, "rounds": 5}}
    return {name: registry.settings_type(name).model_validate(settings.get(name, {})) for name in names}


def test_classifier_and_space_get_no_held_out_label(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    mask = np.arange(len(labels)) % 2 == 0
    held_out = np.arange(len(labels)) % 4 == 1
    calls = []

    def neighbours(masked: np.ndarray) -> Neighbours:
        calls.append(masked)
        return Neighbours.from_points(points, 20)

    def classifier(masked: np.ndarray) -> np.ndarray:
        calls.append(masked)
        return np.full((len(masked), 3), 1 / 3)

    space = Space("mel", "umap", 2, "labels", neighbours)
    rows = list(
        evaluate_cells(
            labels,
            3,
            LabelMask("clip", 0.5, 7, mask, held_out),
            [space],
            methods("knn", "hybrid"),
            [3, 6],
            classifier,
            "fused",
        )
    )
    assert len(calls) == 2
    for masked in calls:
        assert (masked[~mask] == -1).all()
        assert np.array_equal(masked[mask], labels[mask])
    assert len(rows) == 4
    assert {row["n"] for row in rows} == {int(held_out.sum())}
    assert all(row["accuracy"] > 0.95 for row in rows)


def test_held_out_labels_do_not_change_predictions(three_clouds: Clouds) -> None:
    """Two truths that differ on held-out clips: predictions that are right by one are wrong by the other."""
    points, labels = three_clouds
    mask = np.arange(len(labels)) % 2 == 0
    other = np.where(mask, labels, (labels + 1) % 3)
    space = Space("mel", "pca", 6, "none", lambda _: Neighbours.from_points(points, 20))
    label_mask = LabelMask("clip", 0.5, 0, mask, ~mask)
    selected = methods("knn", "classifier")

    def accuracies(truth: np.ndarray) -> list[float]:
        probs = np.eye(3)[np.where(mask, labels, 0)]
        return [
            row["accuracy"]
            for row in evaluate_cells(truth, 3, label_mask, [space], selected, [3], lambda _: probs, "fused")
        ]

    first, second = accuracies(labels), accuracies(other)
    assert (first[1], second[1]) == (1.0, 0.0)
    # A classifier that always predicts class 0 has accuracy 1/3 by both truths.
    assert first[0] == pytest.approx(second[0])


def test_a_classifier_is_fitted_only_for_methods_that_use_it(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    mask = np.arange(len(labels)) % 2 == 0
    space = Space("mel", "pca", 6, "none", lambda _: Neighbours.from_points(points, 20))

    def failing(masked: np.ndarray) -> np.ndarray:
        raise AssertionError

    label_mask = LabelMask("clip", 0.5, 0, mask, ~mask)
    assert len(list(evaluate_cells(labels, 3, label_mask, [space], methods("thesis"), [3], failing, "fused"))) == 1


def test_a_method_without_neighbours_has_one_row(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    mask = np.arange(len(labels)) % 2 == 0
    spaces = [Space(name, "pca", 6, "none", lambda _: Neighbours.from_points(points, 20)) for name in ("mel", "mfcc")]
    label_mask = LabelMask("clip", 0.5, 0, mask, ~mask)
    rows = list(
        evaluate_cells(
            labels, 3, label_mask, spaces, methods("classifier", "knn"), [3, 6], lambda _: np.eye(3)[labels], "fused"
        )
    )  # fmt: skip
    assert [(row["method"], row["feature"], row["k"]) for row in rows] == [
        ("classifier", "fused", None), ("knn", "mel", 3), ("knn", "mel", 6), ("knn", "mfcc", 3), ("knn", "mfcc", 6),
    ]  # fmt: skip
    assert rows[0]["accuracy"] == 1


def test_an_abstention_is_wrong_and_counted() -> None:
    probs = np.array([[0.9, 0.1], [0.0, 0.0], [0.2, 0.8], [0.6, 0.4]])
    figures = score(probs, np.array([0, 0, 1, 1]))
    assert figures == {"accuracy": 0.5, "macro_recall": 0.5, "predicted": 0.75, "n": 4}


def test_seeds_become_a_mean_with_students_interval() -> None:
    row = {
        "method": "knn", "feature": "mel", "map": "pca", "dims": 6, "supervision": "none", "k": 3,
        "labelled_share": 0.5, "split": "clip", "macro_recall": 0.5, "predicted": 1.0, "n": 10,
    }  # fmt: skip
    (mean,) = mean_over_seeds(
        "thesis", [{**row, "seed": seed, "accuracy": a} for seed, a in enumerate((0.75, 0.8, 0.85))]
    )
    assert mean["accuracy"] == pytest.approx(0.8)
    assert mean["ci95"] == pytest.approx([0.8 - 4.303 * 0.05 / 3**0.5, 0.8 + 4.303 * 0.05 / 3**0.5], abs=1e-3)
    assert mean["seeds"] == 3
