from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drumspace.maps.atlas import Atlas
from drumspace.maps.components import Components
from drumspace.maps.maps import compute_maps, quality
from drumspace.maps.settings import EmbedParams

PARAMS = EmbedParams.model_validate(
    {
        "features": ["mel"],
        "seed": 0,
        "dims": [2],
        "components": 4,
        "umap": {"neighbours": 10, "min_dist": 0.1, "target_weight": 0.5},
        "tsne": {"perplexity": 10},
        "quality": {"k": 5, "sample": 60},
    }
)


def test_maps_are_measured_by_labels_that_no_map_used(
    three_clouds: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    features, labels = three_clouds
    test_clips = np.arange(len(labels)) % 4 == 0
    unused = np.arange(len(labels)) % 4 == 1
    training_labels = np.where(test_clips | unused, -1, labels)
    components = Components.fit(features, 4)
    points = components.project(features)
    maps = compute_maps(points, training_labels, PARAMS)
    assert [entry.name for entry in maps] == ["umap_2_none", "umap_2_labels", "tsne_2_none"]
    rows = quality(maps, features, labels, training_labels, test_clips, PARAMS)
    assert {(row["n"], row["purity_n"]) for row in rows} == {(60, int(test_clips.sum()))}
    assert all(row["neighbour_purity"] == 1 and row["trustworthiness"] > 0.85 for row in rows)
    # Labels of clips in neither group have no effect.
    other = np.where(unused, (labels + 1) % 3, labels)
    assert quality(maps, features, other, training_labels, test_clips, PARAMS) == rows
    mixed = np.where(test_clips, np.random.default_rng(0).permutation(labels), labels)
    assert all(
        row["neighbour_purity"] < 0.6 for row in quality(maps, features, mixed, training_labels, test_clips, PARAMS)
    )

    Atlas(components, points, {entry.name: entry.coordinates for entry in maps}).save(
        tmp_path, np.arange(120).astype(str)
    )
    atlas = Atlas.load(tmp_path)
    assert list(pd.read_parquet(tmp_path / "maps.parquet").columns[:3]) == ["clip_id", "umap_2_none_0", "umap_2_none_1"]
    np.testing.assert_array_equal(atlas.coordinates["tsne_2_none"], maps[2].coordinates)
    # With two other seeds the projected clips lie within 0.15 and 0.22 of their own coordinates.
    np.testing.assert_allclose(atlas.project(features[:5], "umap_2_none"), maps[0].coordinates[:5], atol=1)


def test_without_labels_there_is_no_map_from_them(three_clouds: tuple[np.ndarray, np.ndarray]) -> None:
    features, labels = three_clouds
    nobody = np.full(len(labels), -1)
    maps = compute_maps(features, nobody, PARAMS)
    assert [entry.supervision for entry in maps] == ["none", "none"]
    rows = quality(maps, features, nobody, nobody, np.zeros(len(labels), dtype=bool), PARAMS)
    assert [row["neighbour_purity"] for row in rows] == [None, None]


def test_more_dimensions_than_components_are_an_error() -> None:
    with pytest.raises(ValueError, match="a map of 3 dimensions needs at least 3 components"):
        EmbedParams.model_validate({**PARAMS.model_dump(), "dims": [3], "components": 2})
