"""Training clips of a second-level classifier: those whose names give their detail."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drumspace.dataset.access.groups import connected_groups
from drumspace.taxonomy import DETAILS

NEITHER = "neither"
PARTIAL = frozenset({"kick"})
"""Classes with clips of no detail: without NEITHER, every kick would be one of the TR-808 or of a drum kit. Kicks
without a detail are taken as such. Some of them have one that their names do not give, so that the measured precision
is a lower bound. A hat without a detail is closed, open or a pedal's nevertheless: it is no example."""


@dataclass(frozen=True)
class Examples:
    """Clips of one class with their details."""

    names: tuple[str, ...]
    """Details, then NEITHER if the class is partial."""
    rows: np.ndarray
    """Row numbers in the catalogue, int [n]."""
    labels: np.ndarray
    """Positions in `names`, int64 [n]."""
    groups: np.ndarray
    """Kits, joined by near-duplicates: int [n]."""

    @property
    def details(self) -> range:
        """Positions in `names` of the details."""
        return range(len(self.names) - (self.names[-1] == NEITHER))


def examples_of(catalog: pd.DataFrame, label: str) -> Examples:
    """Examples of the class `label` among the real one-shots of a catalogue (label, detail, synthetic, kit …)."""
    names = DETAILS[label] + ((NEITHER,) if label in PARTIAL else ())
    details = catalog["detail"].fillna(NEITHER).map({name: number for number, name in enumerate(names)})
    rows = np.flatnonzero((catalog["label"] == label) & details.notna() & ~catalog["synthetic"])
    chosen = catalog.iloc[rows]
    groups = connected_groups(chosen["kit"].to_numpy(), chosen["duplicate_group"].to_numpy()) if len(rows) else rows
    return Examples(names, rows, details.to_numpy()[rows].astype(np.int64), groups)
