"""Label propagation to unlabelled clips, and its evaluation: data/labels, data/review, propagation.json."""

import _lib.bootstrap  # noqa: F401

import time

import numpy as np
import pandas as pd

from _lib.paths import CLIPS, CONFLICTS, FEATURES, LABELS, LISTINGS, MAPS, METRICS, PARAMS, QUEUE, SPLITS
from _lib.runtime import stage
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.listing import listed_rows
from drumspace.io.atomic import atomic_path
from drumspace.io.parquet import write_parquet
from drumspace.io.settings import read_yaml
from drumspace.maps.settings import UmapParams
from drumspace.metrics.classification.propagation_contract import PropagationMetrics
from drumspace.propagation.all_tables import compute_tables, from_sources, select_sounds
from drumspace.propagation.budget import budget_rows
from drumspace.propagation.embedded_points import EmbeddedPoints
from drumspace.propagation.final_labels import build_propagation
from drumspace.propagation.fused_features import fuse_features
from drumspace.propagation.label_clips import label_one_shots
from drumspace.propagation.settings import FEATURES as UNSUPERVISED
from drumspace.propagation.settings import FUSED, PropagateParams
from drumspace.propagation.simulated_annotator import compare_orders
from drumspace.propagation.tables import TableInputs
from drumspace.taxonomy import CLASSES


def main() -> None:
    """Run the stage."""
    with stage("propagate") as work:
        params, umap = work.section("propagate", PropagateParams), work.section("embed.umap", UmapParams)
        data = LabelledClips(CLIPS, SPLITS)
        catalog, kits = data.catalog, data.catalog["kit"].to_numpy()
        features = [np.load(FEATURES / f"{name}.npy", mmap_mode="r") for name in params.classifier.features]
        fused = fuse_features(features, params.classifier.segments, params.classifier.components, kits, params.seed)
        inputs = TableInputs(EmbeddedPoints(FEATURES, MAPS), fused, len(CLASSES), umap)
        truth = np.where(catalog["other"].to_numpy(dtype=bool), len(CLASSES), data.labels)
        # Labels of synthetic sounds are used and never predicted.
        real = ~catalog["synthetic"].to_numpy(dtype=bool)
        trusted = ~from_sources(params.noisy_label_sources, catalog) & real
        times = [time.perf_counter()]
        sounds = select_sounds(catalog, truth, (data.labels >= 0) & real)
        rows, control, empty = compute_tables(
            catalog, sounds, inputs, params, lambda name: listed_rows(LISTINGS / f"{name}.csv", catalog)
        )
        times.append(time.perf_counter())
        mapped = [name for name in read_yaml(PARAMS)["embed"]["features"] if name in UNSUPERVISED]
        budget = list(budget_rows([*mapped, FUSED], sounds.select(trusted[sounds.rows]), inputs, params))
        times.append(time.perf_counter())
        splits = pd.read_parquet(SPLITS).set_index("clip_id").reindex(data.ids)
        parts = [splits[name].to_numpy() for name in splits.columns[splits.columns.str.startswith("part")]]
        result = label_one_shots(catalog, truth, trusted, parts, fused, params, CLASSES)
        write_parquet(LABELS, result.labels)
        for path, table in ((QUEUE, result.queue), (CONFLICTS, result.conflicts)):
            with atomic_path(path) as temporary:
                table.to_csv(temporary, index=False, float_format="%.6f", lineterminator="\n")
        times.append(time.perf_counter())
        pool = select_sounds(catalog, truth, (truth >= 0) & trusted)
        methods = [result.metrics["method"]]
        pool_propagation = build_propagation(fused[pool.rows], pool.duplicates, len(CLASSES), params, methods)
        annotator = compare_orders(pool_propagation, pool.labels, params.simulated_annotator, params.seed)
        times.append(time.perf_counter())
        for name, seconds in zip(("tables", "budget", "labels", "annotator"), np.diff(times), strict=True):
            work.times[f"{name}_seconds"] = float(seconds)
        absent = [name for number, name in enumerate(CLASSES) if not (truth == number).any()]
        empty += [{"what": f"labels of {name}", "why": "no sound has this label"} for name in absent]
        metrics: PropagationMetrics = {
            "rows": rows, "negative_control": control, "budget": budget, "labels": result.metrics,
            "simulated_annotator": annotator, "not_measured": empty,
        }  # fmt: skip
        work.write_metrics(METRICS / "propagation.json", {**metrics})


if __name__ == "__main__":
    main()
