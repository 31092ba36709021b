"""Tables and budgets from params, on points that are told apart and on labels that are not theirs."""

from typing import Any

import numpy as np
import pytest

from drumspace.maps.settings import UmapParams
from drumspace.propagation.budget import budget_rows
from drumspace.propagation.settings import PropagateParams
from drumspace.propagation.tables import Material, Sounds, table_rows

METHODS: dict[str, Any] = {"thesis": {}, "knn": {}, "classifier": {}, "hybrid": {"alpha": 0.5, "rounds": 10}}
TABLE: dict[str, Any] = {
    "listing": None, "exclude_sources": [], "spaces": {"mel": ["umap_2", "pca", "full"], "fused": ["full"]},
    "methods": list(METHODS), "k": [3], "labelled_shares": [0.5, 0.2], "split": "clip", "seeds": 2,
}  # fmt: skip
PARAMS: dict[str, Any] = {
    "seed": 0, "methods": METHODS, "noisy_label_sources": [],
    "classifier": {"features": ["mel"], "segments": 1, "components": 4, "ridge": 0.1},
    "budget": {"labels_per_class": [1, 4, 500], "methods": ["knn", "classifier"], "k": 3, "seeds": 2},
    "labels": {"method": "hybrid", "k": 3, "target_precision": 0.95, "folds": 2, "queue_length": 5},
    "simulated_annotator": {"initial_labels_per_class": 1, "batch": 5, "max_annotations": 10, "seeds": 1},
}  # fmt: skip


def params(**changes: Any) -> PropagateParams:
    return PropagateParams.model_validate({**PARAMS, "tables": {"one": {**TABLE, **changes}}})


def material() -> tuple[Sounds, Material, list[tuple[str, str]]]:
    """150 labelled clips of 15 kits among 200, three clouds; and a list of the spaces that were asked for."""
    rng = np.random.default_rng(0)
    classes = np.arange(200) % 3
    points = rng.standard_normal((200, 4)).astype(np.float32) * 0.3
    points[np.arange(200), classes] += 3
    rows = np.arange(200)[::-1][:150]
    asked: list[tuple[str, str]] = []

    def of(feature: str, space: str, which: np.ndarray) -> np.ndarray:
        asked.append((feature, space))
        return points[which][:, :2] if space.startswith("umap") else points[which]

    sounds = Sounds(rows, classes[rows], rows // 10, rows)
    umap = UmapParams(neighbours=5, min_dist=0.1, target_weight=0.5)
    return sounds, Material(of, points, 3, umap), asked


def test_every_combination_has_a_row_and_points_meet_their_labels() -> None:
    sounds, held, asked = material()
    given = params()
    rows = list(table_rows(given.tables["one"], sounds, held, given))
    # Three methods in four spaces, and the classifier alone: for two shares and two seeds.
    assert len(rows) == (3 * 4 + 1) * 2 * 2
    assert set(asked) == {("mel", "umap_2"), ("mel", "pca"), ("mel", "full")}
    assert {row["n"] for row in rows} == {75, 120}
    assert min(row["accuracy"] for row in rows if row["method"] in ("knn", "classifier", "hybrid")) > 0.9
    assert {(row["feature"], row["map"], row["dims"]) for row in rows} == {
        ("mel", "umap", 2), ("mel", "pca", 4), ("mel", "full", 4), ("fused", "full", 4), ("fused", "none", None),
    }  # fmt: skip


def test_permuted_labels_are_at_chance_and_nothing_else_differs() -> None:
    sounds, held, _ = material()
    given = params(methods=["knn"], seeds=8, labelled_shares=[0.5])
    rows = list(table_rows(given.tables["one"], sounds, held, given, permuted=True))
    assert np.mean([row["macro_recall"] for row in rows]) == pytest.approx(1 / 3, abs=0.06)


def test_by_kit_no_kit_is_known_and_asked() -> None:
    sounds, held, _ = material()
    given = params(split="kit", methods=["knn"], spaces={"fused": ["full"]})
    rows = list(table_rows(given.tables["one"], sounds, held, given))
    assert {row["split"] for row in rows} == {"kit"}
    assert all(row["n"] % 10 == 0 for row in rows)
    one_kit = Sounds(sounds.rows, sounds.labels, np.zeros(150), sounds.duplicates)
    assert list(table_rows(given.tables["one"], one_kit, held, given)) == []


def test_a_budget_rises_and_ends_where_all_is_known() -> None:
    sounds, held, _ = material()
    rows = list(budget_rows(["mel", "fused"], sounds, held, params()))
    assert [(row["feature"], row["labels_per_class"], row["method"]) for row in rows] == [
        (feature, count, method)
        for feature in ("mel", "fused") for count in (1, 4) for method in ("classifier", "knn")
    ]  # fmt: skip
    assert rows[2]["n"] == 150 - 12
    assert all(row["accuracy"] > 0.9 for row in rows)
