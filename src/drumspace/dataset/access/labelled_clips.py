"""Clips with their labels and parts, as whatever learns from them reads them."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from drumspace.dataset.access.clips import Clips
from drumspace.taxonomy import CLASSES


class LabelledClips:
    """The clips of a catalogue, the class index of each (-1 for none), and the parts of every split."""

    def __init__(self, clips: Path, splits: Path) -> None:
        """`clips`: the folder that ingest leaves; `splits`: the table of clip_id and a column of parts a split."""
        self.clips = Clips(clips)
        self.catalog = self.clips.catalog
        self.ids = self.catalog["clip_id"].to_numpy()
        index = {label: number for number, label in enumerate(CLASSES)}
        self.labels = self.catalog["label"].map(index).fillna(-1).to_numpy(dtype=np.int64)
        self._parts = pd.read_parquet(splits).set_index("clip_id").reindex(self.ids)
        self.repeats = sum(column.startswith("part") for column in self._parts.columns)
        self.digest = hashlib.sha256("".join(self.ids).encode()).hexdigest()
        """Of the clips and their order."""

    @property
    def all_rows(self) -> np.ndarray:
        """Row numbers of all labelled clips, whatever their part."""
        return np.flatnonzero(self.labels >= 0)

    def rows(self, repeat: int, part: str) -> np.ndarray:
        """Row numbers of the labelled clips of a part of split number `repeat`."""
        parts = self._parts["part" if repeat == 0 else f"part_{repeat}"].to_numpy()
        return np.flatnonzero((parts == part) & (self.labels >= 0))
