"""Spread labels from known clips to others: tables of how well that goes, and a label for every clip that has none."""

import here  # noqa: F401

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from common import CLIPS, FEATURES, METRICS, PARAMS, SPLITS, Stage, log, stage
from drumspace.artifacts import CLASSES, atomic_path, write_parquet
from drumspace.dataset.labelled import LabelledClips
from drumspace.dataset.listing import rows_of
from drumspace.manifold.annotator import curves
from drumspace.manifold.answer import Propagation, confidence_for, measure, propagation_of
from drumspace.manifold.atlas import Atlas
from drumspace.manifold.budget import budget_rows
from drumspace.manifold.grid import over_seeds
from drumspace.manifold.joined import joined
from drumspace.manifold.label_table import label_table, queue_table, read_groups
from drumspace.manifold.params import UmapParams
from drumspace.manifold.propagate_params import FEATURES as PLAIN
from drumspace.manifold.propagate_params import JOINED, PropagateParams, TableParams
from drumspace.manifold.tables import Material, Sounds, table_rows
from drumspace.params import plain, read_yaml
from map_paths import CONFLICTS, LABELS, MAPS, QUEUE

OTHER = len(CLASSES)


class Spaces:
    """Points of any feature in any space, as embed left them."""

    def __init__(self) -> None:
        """Nothing is read before it is asked for."""
        self._atlases: dict[str, Atlas] = {}

    def __call__(self, feature: str, space: str, rows: np.ndarray) -> np.ndarray:
        """See drumspace.manifold.tables.Points."""
        if space == "full":
            values = np.load(FEATURES / f"{feature}.npy", mmap_mode="r")[rows]
            return np.asarray(values, dtype=np.float32).reshape(len(rows), -1)
        if feature not in self._atlases:
            self._atlases[feature] = Atlas.load(MAPS / feature)
        atlas = self._atlases[feature]
        return atlas.points[rows] if space == "pca" else atlas.places[f"{space}_none"][rows]


def main() -> None:
    """Run the stage."""
    with stage("propagate") as work:
        params = work.section("propagate", PropagateParams)
        umap = work.section("embed.umap", UmapParams)
        data = LabelledClips(CLIPS, SPLITS)
        catalog = data.catalog
        heard = joined(
            [np.load(FEATURES / f"{name}.npy", mmap_mode="r") for name in params.classifier.features],
            params.classifier.segments, params.classifier.components, catalog["kit"].to_numpy(), params.seed,
        )  # fmt: skip
        material = Material(Spaces(), heard, len(CLASSES), umap)
        labelled = data.all_rows
        sounds = Sounds(
            labelled, data.labels[labelled], catalog["kit"].to_numpy()[labelled],
            catalog["duplicate_group"].to_numpy()[labelled],
        )  # fmt: skip
        left_out = catalog["source"].isin(params.leave_out).to_numpy()[labelled]
        timer = Timer(work)
        rows, control = tables(data, sounds, material, params)
        timer.note("tables")
        mapped = [name for name in plain(read_yaml(PARAMS)["embed"]["features"]) if name in PLAIN]
        budget = list(budget_rows([*mapped, JOINED], sounds.take(~left_out), material, params))
        timer.note("budget")
        propagation = propagation_of(heard, catalog["duplicate_group"].to_numpy(), len(CLASSES), params)
        labels = answer(data, propagation, params)
        timer.note("labels")
        crowd = sounds.take(~left_out)
        pool = propagation_of(heard[crowd.rows], crowd.duplicates, len(CLASSES), params)
        annotator = curves(pool, crowd.labels, params.annotator, params.seed)
        timer.note("annotator")
        work.write_metrics(
            METRICS / "propagation.json",
            {"rows": rows, "negative_control": control, "budget": budget, "labels": labels, "annotator": annotator},
        )


class Timer:
    """Seconds of each part, among the stage's times."""

    def __init__(self, work: Stage) -> None:
        """Starts now."""
        self._work, self._since = work, time.perf_counter()

    def note(self, part: str) -> None:
        """The part ends here."""
        now = time.perf_counter()
        self._work.times[f"{part}_seconds"], self._since = now - self._since, now


def tables(
    data: LabelledClips, sounds: Sounds, material: Material, params: PropagateParams
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows of every table, and what comes of the thesis's method where labels and points are mismatched."""
    rows: list[dict[str, Any]] = []
    control: dict[str, Any] = {"macro_recall": None, "chance": 1 / len(CLASSES), "shares": []}
    for name, table in params.tables.items():
        chosen = of_table(table, data, sounds)
        cells = table_rows(table, chosen, material, params)
        rows += [{"table": name, **row} for row in over_seeds(list(tqdm(cells, desc=name, unit="figure")))]
        if "thesis" in table.methods and not control["shares"]:
            thesis = table.model_copy(update={"methods": ["thesis"]})
            mixed = list(table_rows(thesis, chosen, material, params, permuted=True))
            control |= {"table": name, **at_shares(mixed)}
    return rows, control


def at_shares(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Macro recall over all rows, and for each labelled share its mean, least and most over spaces, k and seeds."""
    found: dict[float, list[float]] = {}
    for row in rows:
        found.setdefault(row["labelled_share"], []).append(row["macro_recall"])
    return {
        "macro_recall": float(np.mean([value for values in found.values() for value in values])) if found else None,
        "shares": [
            {"labelled_share": share, "macro_recall": float(np.mean(values)), "range": [min(values), max(values)]}
            for share, values in sorted(found.items())
        ],
        "n": len(rows),
    }


def of_table(table: TableParams, data: LabelledClips, sounds: Sounds) -> Sounds:
    """The labelled clips that a table is about."""
    chosen = ~data.catalog["source"].isin(table.leave_out).to_numpy()[sounds.rows]
    if table.only is not None:
        chosen &= np.isin(sounds.rows, rows_of(Path(table.only), data.catalog))
    return sounds.take(chosen)


def answer(data: LabelledClips, propagation: Propagation, params: PropagateParams) -> dict[str, Any]:
    """Write the labels, the review queue and the conflicts; returns what they are worth on clips of unheard kits."""
    catalog, wanted = data.catalog, params.labels
    kits, others = catalog["kit"].to_numpy(), catalog["other"].to_numpy(dtype=bool)
    truth = np.where(others, OTHER, data.labels)
    splits = pd.read_parquet(SPLITS).set_index("clip_id").reindex(data.ids)
    parts = [splits[name].to_numpy() for name in splits.columns[splits.columns.str.startswith("part")]]
    trusted = ~catalog["source"].isin(params.leave_out).to_numpy()
    measured = measure(propagation, truth, kits, trusted, parts, wanted)
    log.info("labels on kits not heard: %s", {key: measured[key] for key in ("precision", "coverage")})
    threshold = confidence_for(propagation, truth, kits, trusted, wanted)
    said = propagation.said(truth)
    groups = read_groups(truth, propagation.groups)
    table = label_table(data.ids, said, truth, groups, threshold, wanted.method, CLASSES)
    write_parquet(LABELS, table)
    graph = propagation.neighbours.graph(propagation.k)
    queue = queue_table(catalog, said, truth, graph, wanted.queued, CLASSES)
    names = np.array([*CLASSES, "other"])
    torn = catalog.loc[groups.conflicting, ["duplicate_group", "path", "clip_id"]].assign(
        label=names[truth[groups.conflicting]]
    )
    for path, content in (
        (QUEUE, queue),
        (CONFLICTS, torn.sort_values(["duplicate_group", "path"])[["duplicate_group", "path", "label", "clip_id"]]),
    ):
        with atomic_path(path) as temporary:
            content.to_csv(temporary, index=False, float_format="%.6f", lineterminator="\n")
    asked = truth < 0
    return {
        **measured,
        "threshold": threshold,
        "unlabelled": int(asked.sum()),
        "labelled": int(table["label"].notna().sum()),
        "labelled_by": table["label"].notna().groupby(table["method"]).sum().to_dict(),
        "named_others": int(others.sum()),
        "conflicts": int(groups.conflicting.sum()),
        "near_duplicate_agreement": groups.agreement,
        "queued": len(queue),
    }


if __name__ == "__main__":
    main()
