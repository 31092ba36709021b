"""All tables of `propagate.tables`, and the negative control: the thesis's method on permuted labels."""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from drumspace.metrics.classification.propagation_contract import CellMetrics, ControlMetrics, NotMeasured
from drumspace.propagation.grid import mean_over_seeds
from drumspace.propagation.settings import PropagateParams
from drumspace.propagation.tables import Sounds, TableInputs, table_rows

log = logging.getLogger("drumspace")


def from_sources(sources: list[str], catalog: pd.DataFrame) -> np.ndarray:
    """Mask of the clips that come from one of these sources, bool [clips]; warns of a source without clips."""
    for name in sorted(set(sources) - set(catalog["source"])):
        log.warning("propagate: the settings exclude the source `%s`, which has no clip", name)
    return catalog["source"].isin(sources).to_numpy()


def select_sounds(catalog: pd.DataFrame, labels: np.ndarray, mask: np.ndarray) -> Sounds:
    """Clips of `mask` (bool [clips]) with their labels (int [clips]), kits and near-duplicate groups."""
    kits, groups = catalog["kit"].to_numpy(), catalog["duplicate_group"].to_numpy()
    return Sounds(np.flatnonzero(mask), labels[mask], kits[mask], groups[mask])


def compute_tables(
    catalog: pd.DataFrame,
    sounds: Sounds,
    inputs: TableInputs,
    params: PropagateParams,
    listed_rows: Callable[[str], np.ndarray],
) -> tuple[list[CellMetrics], ControlMetrics, list[NotMeasured]]:
    """Rows of every table, the negative control, and the tables without a row.

    listed_rows: name of a listing → row numbers of its clips. The control is computed for the first table that has the
    thesis's method.
    """
    rows: list[CellMetrics] = []
    empty: list[NotMeasured] = []
    control: ControlMetrics = {"macro_recall": None, "chance": 1 / inputs.n_classes, "shares": []}
    for name, table in params.tables.items():
        selected = sounds.select(~from_sources(table.exclude_sources, catalog)[sounds.rows])
        if table.listing is not None:
            selected = selected.select(np.isin(selected.rows, listed_rows(table.listing)))
        figures = tqdm(table_rows(table, selected, inputs, params), desc=name, unit="figure")
        means = mean_over_seeds(name, list(figures))
        rows += means
        if not means:
            reason = f"none of {len(selected.rows)} labelled sounds in {len(set(selected.kits))} kits can be held out"
            empty.append({"what": f"the table `{name}` of propagation", "why": reason})
        elif "thesis" in table.methods and not control["shares"]:
            thesis = table.model_copy(update={"methods": ["thesis"]})
            permuted = list(table_rows(thesis, selected, inputs, params, permuted=True))
            control = control_metrics(name, permuted, inputs.n_classes)
    return rows, control, empty


def control_metrics(table: str, rows: list[dict[str, Any]], n_classes: int) -> ControlMetrics:
    """Mean and range of macro recall over spaces, k and seeds for each labelled share, and one overall mean.

    The overall mean is over shares of a half and more, the thesis's ratios: with fewer labels many points have no
    labelled neighbour, and since an abstention is wrong, macro recall is below chance.
    """
    by_share: dict[float, list[float]] = {}
    for row in rows:
        by_share.setdefault(row["labelled_share"], []).append(row["macro_recall"])
    averaged = [value for share, values in by_share.items() if share >= min(0.5, max(by_share)) for value in values]
    return {
        "macro_recall": float(np.mean(averaged)) if averaged else None,
        "chance": 1 / n_classes,
        "shares": [
            {"labelled_share": share, "macro_recall": float(np.mean(values)), "range": [min(values), max(values)]}
            for share, values in sorted(by_share.items())
        ],
        "table": table,
        "n": len(averaged),
    }
