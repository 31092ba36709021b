"""Labels, review queue and conflicts of a small catalogue of two clouds of points."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drumspace.io.settings import load
from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.cell_classifier import ClassifierParams
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.label_clips import label_clips, label_one_shots, report_quality
from drumspace.propagation.label_quality import cross_validated_metrics
from drumspace.propagation.methods.hybrid import Settings
from drumspace.propagation.settings import LabelsParams, PropagateParams


def clouds(groups: np.ndarray) -> tuple[pd.DataFrame, np.ndarray, Propagation, LabelsParams]:
    """Catalogue, true labels (-1 for the last 20 clips), propagation and settings of 80 clips in two clouds."""
    rng = np.random.default_rng(0)
    classes = np.arange(80) % 2
    points = rng.standard_normal((80, 3)) * 0.2 + classes[:, None] * 4
    catalog = pd.DataFrame({
        "clip_id": [f"c{n}" for n in range(80)], "path": [f"p/{n}.wav" for n in range(80)],
        "kit": np.arange(80) // 4, "duplicate_group": groups,
    })  # fmt: skip
    classifier = ClassifierParams(features=["mel"], segments=1, components=2, ridge=0.1)
    neighbours = Neighbours.from_points(points, 20)
    methods = {"hybrid": Settings(alpha=0.5, rounds=5)}
    propagation = Propagation(points, neighbours, 2, methods, 3, classifier, groups)
    params = LabelsParams(methods=["hybrid"], k=3, target_precision=0.9, folds=4, queue_length=5)
    return catalog, np.where(np.arange(80) < 60, classes, -1), propagation, params


@pytest.mark.parametrize("part", ["judge", "reference", "test", "test_rest", "selection", "excluded"])
def test_labels_of_held_out_kits_are_neither_propagated_nor_copied(part: str) -> None:
    """Whatever the labels of the held-out kits are, the table of labels is the same."""
    groups = np.arange(80)
    groups[50], groups[51], groups[52] = 70, 71, 72  # held-out near-duplicates of unlabelled clips
    groups[10] = 73  # a near-duplicate in training
    catalog, truth, propagation, params = clouds(groups)
    number = np.arange(80)
    parts = [np.select([number < 24, number < 32, number < 60], ["train", "validation", part], "unlabelled")]
    wrong = truth.copy()
    wrong[32:60] = np.where(wrong[32:60] == 0, 1, 0)
    wrong[40:44] = 2  # drums of no class
    first, second = (
        label_clips(catalog, labels, np.ones(80, dtype=bool), parts, propagation, params, ("kick", "snare")).labels
        for labels in (truth, wrong)
    )
    ours = first["clip_id"].isin(second["clip_id"])
    shared = second[second["clip_id"].isin(first["clip_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(first[ours].reset_index(drop=True), shared)
    methods = first.set_index("clip_id")["method"]
    assert methods["c73"] == "near_duplicate"
    assert set(methods[["c70", "c71", "c72"]]) == {"hybrid"}
    assert first["label"].notna().any()


def test_every_unlabelled_clip_has_a_row_and_figures_agree_with_the_tables() -> None:
    groups = np.arange(80)
    # Near-duplicates with different labels.
    groups[1] = 0
    catalog, truth, propagation, params = clouds(groups)
    parts = [np.where(np.arange(80) < 40, "train", np.where(np.arange(80) < 60, "test", "unlabelled"))]
    result = label_clips(catalog, truth, np.ones(80, dtype=bool), parts, propagation, params, ("kick", "snare"))
    assert result.labels["clip_id"].tolist() == [f"c{n}" for n in range(60, 80)]
    figures = result.metrics
    assert figures["unlabelled"] == 20
    assert figures["labelled"] == int(result.labels["label"].notna().sum())
    assert sum(figures["labelled_by"].values()) == figures["labelled"]
    assert figures["queue_length"] == len(result.queue) <= 5
    assert result.conflicts["clip_id"].tolist() == ["c0", "c1"]
    assert result.conflicts["label"].tolist() == ["kick", "snare"]
    assert figures["conflicts"] == 2
    assert figures["target"] == 0.9
    assert (figures["method"], [entry["method"] for entry in figures["candidates"]]) == ("hybrid", ["hybrid"])
    assert figures["expected_in_classes"] == pytest.approx(20)
    assert figures["cross_validated"]["n"] == 40 and figures["cross_validated"]["target_kept"]


def test_a_precision_below_the_target_is_logged_as_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    quality = cross_validated_metrics(None, 0.9)
    report_quality(quality, 0.9)
    assert "no label has a precision of 0.90" in caplog.text
    quality.update(precision_with_others=0.8, precision_with_others_ci95=[0.7, 0.9], target_kept=False)
    report_quality(quality, 0.9)
    assert "a precision of 0.800 (95 %: [0.7, 0.9]) on kits that were held out, the target is 0.90" in caplog.text
    caplog.clear()
    quality.update(precision_with_others=0.95, target_kept=True)
    report_quality(quality, 0.9)
    assert not caplog.text


def test_a_split_of_training_clips_alone_gives_labels_and_no_figures() -> None:
    catalog, truth, propagation, params = clouds(np.arange(80))
    parts = [np.where(truth >= 0, "train", "unlabelled")]
    result = label_clips(catalog, truth, np.ones(80, dtype=bool), parts, propagation, params, ("kick", "snare"))
    assert result.labels["label"].notna().sum() > 10
    assert (result.metrics["precision"], result.metrics["coverage"], result.metrics["n"]) == (None, None, 0)


def test_one_kit_gives_no_label_and_no_figure() -> None:
    catalog, truth, propagation, params = clouds(np.arange(80))
    catalog["kit"] = "own/own"
    parts = [np.where(truth >= 0, "train", "unlabelled")]
    result = label_clips(catalog, truth, np.ones(80, dtype=bool), parts, propagation, params, ("kick", "snare"))
    assert result.metrics["threshold"] is None and not result.labels["label"].notna().any()
    assert len(result.labels) == 20 and len(result.queue) == 5
    labelled = truth >= 0
    result = label_clips(
        catalog[labelled], truth[labelled], labelled[labelled], [parts[0][labelled]],
        Propagation(**{**propagation.__dict__, "points": propagation.points[:60], "groups": np.arange(60),
                       "neighbours": Neighbours.from_points(propagation.points[:60], 20)}),
        params, ("kick", "snare"),
    )  # fmt: skip
    assert (len(result.labels), len(result.queue)) == (0, 0)


def test_loops_get_no_label_and_give_none() -> None:
    settings = load(Path(__file__).parents[2] / "params.yaml", "propagate", PropagateParams)
    rng = np.random.default_rng(0)
    classes = np.arange(90) % 2
    points = rng.standard_normal((90, 3)) * 0.2 + classes[:, None] * 4
    truth = np.where(np.arange(90) < 60, classes, -1)
    catalog = pd.DataFrame({
        "clip_id": [f"c{n}" for n in range(90)], "path": [f"p/{n}.wav" for n in range(90)],
        "kit": np.arange(90) // 4, "duplicate_group": np.arange(90),
        "sequence": ["loop" if n >= 80 else None for n in range(90)],
    })  # fmt: skip
    parts = [np.where(np.arange(90) < 40, "train", np.where(np.arange(90) < 60, "test", "unlabelled"))]
    arguments = (np.ones(90, dtype=bool), parts, points, settings, ("kick", "snare"))
    result = label_one_shots(catalog, truth, *arguments)
    assert result.labels["clip_id"].tolist() == [f"c{n}" for n in range(60, 80)]
    # A single file lacks the mean of its kit, the second half of the features.
    assert result.metrics["single_files"]["n"] == result.metrics["cross_validated"]["n"] == 40
    assert not set(result.queue["clip_id"]) & {f"c{n}" for n in range(80, 90)}
    # Neither their positions nor their labels change the labels of the others.
    truth[80:] = 1
    points[80:] += 100
    pd.testing.assert_frame_equal(label_one_shots(catalog, truth, *arguments).labels, result.labels)
