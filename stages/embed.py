"""Compute the maps of one feature of every clip (UMAP, supervised UMAP, t-SNE): data/maps/<feature>."""

import _lib.bootstrap  # noqa: F401

import sys

import numpy as np

from _lib.paths import CLIPS, FEATURES, MAPS, SPLITS
from _lib.runtime import stage
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import write_json
from drumspace.maps.atlas import Atlas
from drumspace.maps.components import Components
from drumspace.maps.maps import compute_maps, quality
from drumspace.maps.settings import EmbedParams


def main() -> None:
    """Run the stage for the feature named on the command line."""
    name = sys.argv[1]
    with stage("embed", name) as work:
        params = work.section("embed", EmbedParams)
        data = LabelledClips(CLIPS, SPLITS)
        features = np.load(FEATURES / f"{name}.npy", mmap_mode="r")
        # Supervised maps use labels of the training part alone; the kits of the test part measure all maps.
        training_labels = np.full(len(data.ids), -1)
        training = data.rows(0, "train")
        training_labels[training] = data.labels[training]
        test_clips = np.zeros(len(data.ids), dtype=bool)
        test_clips[np.concatenate([data.rows(0, "test"), data.rows(0, "test_rest")])] = True
        components = Components.fit(features, params.components)
        points = components.project(features)
        maps = compute_maps(points, training_labels, params)
        atlas = Atlas(components, points, {entry.name: entry.coordinates for entry in maps})
        rows = quality(maps, features, data.labels, training_labels, test_clips, params)
        with atomic_folder(MAPS / name) as folder:
            atlas.save(folder, data.ids)
            write_json(folder / "quality.json", rows)
        work.run.metrics({f"{row['method']}_{row['dims']}_{row['supervision']}": row for row in rows})


if __name__ == "__main__":
    main()
