"""Spread labels from known clips to others: tables of how well that goes, and a label for every clip that has none."""

import _lib.bootstrap  # noqa: F401

import time
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from _lib.paths import CLIPS, CONFLICTS, FEATURES, LABELS, LISTINGS, MAPS, METRICS, PARAMS, QUEUE, SPLITS
from _lib.runtime import Stage, log, stage
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.listing import listed_rows
from drumspace.io.atomic import atomic_path
from drumspace.io.parquet import write_parquet
from drumspace.io.settings import read_yaml
from drumspace.maps.atlas import Atlas
from drumspace.maps.settings import UmapParams
from drumspace.propagation.budget import budget_rows
from drumspace.propagation.final_labels import Propagation, confidence_for, measure, propagation_of
from drumspace.propagation.fused_features import joined
from drumspace.propagation.grid import over_seeds
from drumspace.propagation.label_table import DUPLICATE, label_table, queue_table, read_groups
from drumspace.propagation.settings import FEATURES as PLAIN
from drumspace.propagation.settings import FUSED, PropagateParams
from drumspace.propagation.simulated_annotator import curves
from drumspace.propagation.tables import Material, Sounds, table_rows
from drumspace.taxonomy import CLASSES

OTHER = len(CLASSES)


class Spaces:
    """Points of any feature in any space, as embed left them."""

    def __init__(self) -> None:
        """Nothing is read before it is asked for."""
        self._atlases: dict[str, Atlas] = {}

    def __call__(self, feature: str, space: str, rows: np.ndarray) -> np.ndarray:
        """See drumspace.propagation.tables.Points."""
        if space == "full":
            values = np.load(FEATURES / f"{feature}.npy", mmap_mode="r")[rows]
            return np.asarray(values, dtype=np.float32).reshape(len(rows), -1)
        if feature not in self._atlases:
            self._atlases[feature] = Atlas.load(MAPS / feature)
        atlas = self._atlases[feature]
        return atlas.points[rows] if space == "pca" else atlas.coordinates[f"{space}_none"][rows]


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
        truth = np.where(catalog["other"].to_numpy(dtype=bool), OTHER, data.labels)
        # Synthetic sounds tell, and are never asked about.
        trusted = ~named(params.noisy_label_sources, catalog) & ~catalog["synthetic"].to_numpy(dtype=bool)
        sounds = sounds_of(catalog, truth, (data.labels >= 0) & ~catalog["synthetic"].to_numpy(dtype=bool))
        timer = Timer(work)
        rows, control, empty = tables(catalog, sounds, material, params)
        timer.note("tables")
        mapped = [name for name in read_yaml(PARAMS)["embed"]["features"] if name in PLAIN]
        budget = list(budget_rows([*mapped, FUSED], sounds.take(trusted[sounds.rows]), material, params))
        timer.note("budget")
        groups = catalog["duplicate_group"].to_numpy()
        labels = answer(data, truth, trusted, propagation_of(heard, groups, len(CLASSES), params), params)
        timer.note("labels")
        crowd = sounds_of(catalog, truth, (truth >= 0) & trusted)
        pool = propagation_of(heard[crowd.rows], crowd.duplicates, len(CLASSES), params)
        annotator = curves(pool, crowd.labels, params.simulated_annotator, params.seed)
        timer.note("annotator")
        unknown = [name for number, name in enumerate(CLASSES) if not (truth == number).any()]
        empty += [{"what": f"labels of {name}", "why": "no sound is known to be one"} for name in unknown]
        work.write_metrics(
            METRICS / "propagation.json",
            {
                "rows": rows,
                "negative_control": control,
                "budget": budget,
                "labels": labels,
                "simulated_annotator": annotator,
                "not_measured": empty,
            },
        )


def named(sources: list[str], catalog: pd.DataFrame) -> np.ndarray:
    """bool [clips]: whether a clip is of one of these sources."""
    for name in sorted(set(sources) - set(catalog["source"])):
        log.warning("propagate: leave_out names `%s`, of which there is no clip", name)
    return catalog["source"].isin(sources).to_numpy()


def sounds_of(catalog: pd.DataFrame, labels: np.ndarray, which: np.ndarray) -> Sounds:
    """The clips of `which` (bool [clips])."""
    kits, groups = catalog["kit"].to_numpy(), catalog["duplicate_group"].to_numpy()
    return Sounds(np.flatnonzero(which), labels[which], kits[which], groups[which])


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
    catalog: pd.DataFrame, sounds: Sounds, material: Material, params: PropagateParams
) -> tuple[list[dict[str, Any]], dict[str, Any], list[dict[str, str]]]:
    """Rows of every table, the thesis's method where labels and points are mismatched, and tables without a row."""
    rows: list[dict[str, Any]] = []
    empty: list[dict[str, str]] = []
    control: dict[str, Any] = {"macro_recall": None, "chance": 1 / len(CLASSES), "shares": []}
    for name, table in params.tables.items():
        chosen = sounds.take(~named(table.exclude_sources, catalog)[sounds.rows])
        if table.listing is not None:
            chosen = chosen.take(np.isin(chosen.rows, listed_rows(LISTINGS / f"{table.listing}.csv", catalog)))
        found = over_seeds(list(tqdm(table_rows(table, chosen, material, params), desc=name, unit="figure")))
        rows += [{"table": name, **row} for row in found]
        if not found:
            why = f"of {len(chosen.rows)} labelled sounds in {len(set(chosen.kits))} kits none can be held out"
            empty.append({"what": f"the table `{name}` of propagation", "why": why})
        elif "thesis" in table.methods and not control["shares"]:
            thesis = table.model_copy(update={"methods": ["thesis"]})
            mixed = list(table_rows(thesis, chosen, material, params, permuted=True))
            control |= {"table": name, **at_shares(mixed)}
    return rows, control, empty


def at_shares(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """For each labelled share the mean, least and most macro recall over spaces, k and seeds; and one mean.

    That is over shares of a half and more, the thesis's ratios: with fewer labels many points have no labelled
    neighbour, and what is not answered is wrong, so that less than chance is right.
    """
    found: dict[float, list[float]] = {}
    for row in rows:
        found.setdefault(row["labelled_share"], []).append(row["macro_recall"])
    answered = [value for share, values in found.items() if share >= min(0.5, max(found)) for value in values]
    return {
        "macro_recall": float(np.mean(answered)) if answered else None,
        "shares": [
            {"labelled_share": share, "macro_recall": float(np.mean(values)), "range": [min(values), max(values)]}
            for share, values in sorted(found.items())
        ],
        "n": len(answered),
    }


def answer(
    data: LabelledClips, truth: np.ndarray, trusted: np.ndarray, propagation: Propagation, params: PropagateParams
) -> dict[str, Any]:
    """Write the labels, the review queue and the conflicts; returns what they are worth on clips of unheard kits."""
    catalog, wanted = data.catalog, params.labels
    kits = catalog["kit"].to_numpy()
    splits = pd.read_parquet(SPLITS).set_index("clip_id").reindex(data.ids)
    parts = [splits[name].to_numpy() for name in splits.columns[splits.columns.str.startswith("part")]]
    measured = measure(propagation, truth, kits, trusted, parts, wanted)
    log.info("labels on kits not heard: %s", {key: measured[key] for key in ("precision", "coverage")})
    threshold = confidence_for(propagation, truth, kits, trusted, wanted)
    said = propagation.said(truth)
    groups = read_groups(truth, propagation.groups)
    table = label_table(data.ids, said, truth, groups, threshold, wanted.target_precision, wanted.method, CLASSES)
    write_parquet(LABELS, table)
    graph = propagation.neighbours.graph(propagation.k)
    settled = catalog["clip_id"].isin(table.loc[table["method"] == DUPLICATE, "clip_id"]).to_numpy()
    queue = queue_table(catalog, said, truth, settled, graph, wanted.queue_length, CLASSES)
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
        "named_others": int((truth == OTHER).sum()),
        "conflicts": int(groups.conflicting.sum()),
        "near_duplicate_agreement": groups.agreement,
        "queue_length": len(queue),
    }


if __name__ == "__main__":
    main()
