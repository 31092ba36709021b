"""Labels, review queue and conflicts of a small catalogue of two clouds of points."""

import numpy as np
import pandas as pd

from drumspace.maps.neighbours import Neighbours
from drumspace.propagation.cell_classifier import ClassifierParams
from drumspace.propagation.final_labels import Propagation
from drumspace.propagation.label_clips import label_clips
from drumspace.propagation.methods.hybrid import Settings
from drumspace.propagation.settings import LabelsParams


def test_every_unlabelled_clip_has_a_row_and_figures_agree_with_the_tables() -> None:
    rng = np.random.default_rng(0)
    classes = np.arange(80) % 2
    points = rng.standard_normal((80, 3)) * 0.2 + classes[:, None] * 4
    truth = np.where(np.arange(80) < 60, classes, -1)
    groups = np.arange(80)
    # Near-duplicates with different labels.
    groups[1] = 0
    catalog = pd.DataFrame({
        "clip_id": [f"c{n}" for n in range(80)], "path": [f"p/{n}.wav" for n in range(80)],
        "kit": np.arange(80) // 4, "duplicate_group": groups,
    })  # fmt: skip
    classifier = ClassifierParams(features=["mel"], segments=1, components=2, ridge=0.1)
    neighbours = Neighbours.from_points(points, 20)
    propagation = Propagation(points, neighbours, 2, "hybrid", Settings(alpha=0.5, rounds=5), 3, classifier, groups)
    params = LabelsParams(method="hybrid", k=3, target_precision=0.9, folds=4, queue_length=5)
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
