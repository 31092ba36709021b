"""Clips with their labels and their parts in each split."""

import hashlib
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from drumspace.dataset.access.clips import Clips
from drumspace.taxonomy import CLASSES


class LabelledClips:
    """The clips of a catalogue, the class index of each (-1 for none), and the parts of every split."""

    def __init__(self, clips: Path, splits: Path) -> None:
        """`clips`: the output folder of ingest; `splits`: the parquet file with one column of parts a split."""
        self.clips = Clips(clips)
        self.catalog = self.clips.catalog
        self.ids = self.catalog["clip_id"].to_numpy()
        index = {label: number for number, label in enumerate(CLASSES)}
        self.labels = self.catalog["label"].map(index).fillna(-1).to_numpy(dtype=np.int64)
        self.other = self.catalog["other"].to_numpy(dtype=bool)
        """Whether a clip's name says that it is a drum of none of the classes: bool [n]."""
        self._parts = pd.read_parquet(splits).set_index("clip_id").reindex(self.ids)
        self.repeats = sum(column.startswith("part") for column in self._parts.columns)
        self.digest = hashlib.sha256("".join(self.ids).encode()).hexdigest()
        """SHA-256 of the clip ids in their order."""

    @property
    def all_rows(self) -> np.ndarray:
        """Row numbers of all labelled clips of every part."""
        return np.flatnonzero(self.labels >= 0)

    def rows(self, repeat: int, part: str) -> np.ndarray:
        """Row numbers of the labelled clips of a part of split number `repeat`."""
        return np.flatnonzero((self._split(repeat) == part) & (self.labels >= 0))

    def other_rows(self, repeat: int, part: Literal["train", "validation", "test"]) -> np.ndarray:
        """Row numbers of the other drums in the kits of a part of split number `repeat`.

        Splits name the parts of labelled clips alone; other drums follow the labelled clips of their kit, and are
        trained on in a kit that has none.
        """
        parts = self._split(repeat)
        if part == "train":
            return np.flatnonzero((parts == "unlabelled") & self.other)
        kits = self.catalog["kit"].to_numpy(dtype=str)
        own = np.unique(kits[np.isin(parts, (part, f"{part}_rest"))])
        return np.flatnonzero((parts == "held_out") & self.other & np.isin(kits, own))

    def _split(self, repeat: int) -> np.ndarray:
        return self._parts["part" if repeat == 0 else f"part_{repeat}"].to_numpy(dtype=str)
