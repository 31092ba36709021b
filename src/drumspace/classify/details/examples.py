"""Training clips of a second-level classifier: those whose names give their detail."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from drumspace.classify.details.settings import DetailParams
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
    clips: pd.DataFrame
    """Rows of the catalogue [n], indexed by their numbers in it."""
    labels: np.ndarray
    """Positions in `names`, int64 [n]."""
    unit: Literal["source", "kit"]
    groups: np.ndarray
    """Sources or kits, as `unit` says, joined by near-duplicates: int [n]."""

    @property
    def details(self) -> range:
        """Positions in `names` of the details."""
        return range(len(self.names) - (self.names[-1] == NEITHER))

    def part(self, positions: np.ndarray) -> "Examples":
        """The examples at these positions."""
        return Examples(
            self.names, self.clips.iloc[positions], self.labels[positions], self.unit, self.groups[positions]
        )


def examples_of(catalog: pd.DataFrame, label: str, params: DetailParams) -> Examples:
    """Examples of the class `label` among real one-shots of a catalogue (label, detail, kit, source, synthetic …)."""
    names = DETAILS[label] + ((NEITHER,) if label in PARTIAL else ())
    details = catalog["detail"].fillna(NEITHER).map({name: number for number, name in enumerate(names)})
    rows = np.flatnonzero((catalog["label"] == label) & details.notna() & ~catalog["synthetic"])
    clips = catalog.reset_index(drop=True).iloc[rows]
    labels = details.to_numpy()[rows].astype(np.int64)
    groups = {unit: _groups(clips, unit) for unit in ("source", "kit")}
    unit = params.unseen if len(np.unique(groups[params.unseen])) >= params.folds else "kit"
    return Examples(names, clips, labels, unit, groups[unit])


def _groups(clips: pd.DataFrame, unit: str) -> np.ndarray:
    keys = clips[unit].to_numpy(), clips["duplicate_group"].to_numpy()
    return connected_groups(*keys) if len(clips) else np.empty(0, dtype=np.int64)
