"""Tables and budgets of a small catalogue with three separate clouds, also with permuted labels."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from drumspace.maps.settings import UmapParams
from drumspace.propagation.budget import budget_rows
from drumspace.propagation.settings import PropagateParams
from drumspace.propagation.tables import Sounds, TableInputs, table_rows

METHODS: dict[str, Any] = {"thesis": {}, "knn": {}, "classifier": {}, "hybrid": {"alpha": 0.5, "rounds": 10}}
TABLE: dict[str, Any] = {
    "listing": None, "exclude_sources": [], "spaces": {"mel": ["umap_2", "pca", "full"], "fused": ["full"]},
    "methods": list(METHODS), "k": [3], "labelled_shares": [0.5, 0.2], "split": "clip", "seeds": 2,
}  # fmt: skip
PARAMS: dict[str, Any] = {
    "seed": 0, "methods": METHODS, "noisy_label_sources": [],
    "classifier": {"features": ["mel"], "segments": 1, "components": 4, "ridge": 0.1},
    "budget": {"labels_per_class": [1, 4, 500], "methods": ["knn", "classifier"], "k": 3, "seeds": 2},
    "labels": {"methods": ["hybrid"], "k": 3, "target_precision": 0.95, "folds": 2, "queue_length": 5},
    "simulated_annotator": {"initial_labels_per_class": 1, "batch": 5, "max_annotations": 10, "seeds": 1},
}  # fmt: skip


def params(**changes: Any) -> PropagateParams:
    return PropagateParams.model_validate({**PARAMS, "tables": {"one": {**TABLE, **changes}}})


def make_inputs() -> tuple[Sounds, TableInputs, list[tuple[str, str]]]:
    """150 labelled clips of 15 kits among 200, three clouds; and a list that records the spaces that are read."""
    rng = np.random.default_rng(0)
    classes = np.arange(200) % 3
    points = rng.standard_normal((200, 4)).astype(np.float32) * 0.3
    points[np.arange(200), classes] += 3
    rows = np.arange(200)[::-1][:150]
    calls: list[tuple[str, str]] = []

    def read_points(feature: str, space: str, selection: np.ndarray) -> np.ndarray:
        calls.append((feature, space))
        return points[selection][:, :2] if space.startswith("umap") else points[selection]

    sounds = Sounds(rows, classes[rows], rows // 10, rows)
    umap = UmapParams(neighbours=5, min_dist=0.1, target_weight=0.5)
    return sounds, TableInputs(read_points, points, 3, umap), calls


def test_every_combination_has_a_row_and_points_match_their_labels() -> None:
    sounds, inputs, calls = make_inputs()
    settings = params()
    rows = list(table_rows(settings.tables["one"], sounds, inputs, settings))
    # Three methods in four spaces, and the classifier alone: for two shares and two seeds.
    assert len(rows) == (3 * 4 + 1) * 2 * 2
    assert set(calls) == {("mel", "umap_2"), ("mel", "pca"), ("mel", "full")}
    assert {row["n"] for row in rows} == {75, 120}
    assert min(row["accuracy"] for row in rows if row["method"] in ("knn", "classifier", "hybrid")) > 0.9
    assert {(row["feature"], row["map"], row["dims"]) for row in rows} == {
        ("mel", "umap", 2), ("mel", "pca", 4), ("mel", "full", 4), ("fused", "full", 4), ("fused", "none", None),
    }  # fmt: skip


def test_recall_of_permuted_labels_is_at_chance() -> None:
    sounds, inputs, _ = make_inputs()
    settings = params(methods=["knn"], seeds=8, labelled_shares=[0.5])
    rows = list(table_rows(settings.tables["one"], sounds, inputs, settings, permuted=True))
    assert np.mean([row["macro_recall"] for row in rows]) == pytest.approx(1 / 3, abs=0.06)


def test_by_kit_whole_kits_are_held_out() -> None:
    sounds, inputs, _ = make_inputs()
    settings = params(split="kit", methods=["knn"], spaces={"fused": ["full"]})
    rows = list(table_rows(settings.tables["one"], sounds, inputs, settings))
    assert {row["split"] for row in rows} == {"kit"}
    assert all(row["n"] % 10 == 0 for row in rows)
    one_kit = Sounds(sounds.rows, sounds.labels, np.zeros(150), sounds.duplicates)
    assert list(table_rows(settings.tables["one"], one_kit, inputs, settings)) == []


def test_a_table_of_single_files_uses_neither_the_kits_means_nor_other_features() -> None:
    """The kits' half of the fused features is noise here: whatever it is, the figures are the same."""
    sounds, inputs, calls = make_inputs()
    settings = params(spaces={"fused_single": ["full"]}, methods=["knn", "classifier", "hybrid"])
    rng = np.random.default_rng(1)
    both = [np.concatenate([inputs.fused, rng.standard_normal((200, 4)) * 9], axis=1) for _ in range(2)]
    first, second = (
        list(table_rows(settings.tables["one"], sounds, dataclasses.replace(inputs, fused=fused), settings))
        for fused in both
    )
    assert first == second and not calls
    assert {(row["feature"], row["dims"]) for row in first} == {("fused_single", 4), ("fused_single", None)}
    assert min(row["accuracy"] for row in first) > 0.9


def test_a_budget_has_no_row_where_every_clip_is_labelled() -> None:
    sounds, inputs, _ = make_inputs()
    rows = list(budget_rows(["mel", "fused"], sounds, inputs, params()))
    assert [(row["feature"], row["labels_per_class"], row["method"]) for row in rows] == [
        (feature, count, method)
        for feature in ("mel", "fused") for count in (1, 4) for method in ("classifier", "knn")
    ]  # fmt: skip
    assert rows[2]["n"] == 150 - 12
    assert all(row["accuracy"] > 0.9 for row in rows)
