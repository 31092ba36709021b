"""Clips, their labels and their parts, as the stages that train read them."""

import numpy as np
import pandas as pd

from common import CLIPS, SPLITS
from drumspace.artifacts import CLASSES, Clips
from drumspace.training.checkpoints import fingerprint

SCORED = ("validation", "test", "test_rest")
"""Parts that a classifier is asked about."""


class Data:
    """Clips, their labels and their parts."""

    def __init__(self) -> None:
        """Read from the outputs of ingest and split."""
        self.clips = Clips(CLIPS)
        self.ids = self.clips.catalog["clip_id"].to_numpy()
        self.names = self.clips.catalog["label"].to_numpy()
        index = {label: number for number, label in enumerate(CLASSES)}
        self.labels = self.clips.catalog["label"].map(index).fillna(-1).to_numpy(dtype=np.int64)
        self.splits = pd.read_parquet(SPLITS).set_index("clip_id").reindex(self.ids)
        self.repeats = sum(column.startswith("part") for column in self.splits.columns)
        self.digest = fingerprint(clips=self.ids.tolist())

    def rows(self, repeat: int) -> dict[str, np.ndarray]:
        """Row numbers of the labelled clips of each part of a split."""
        part = self.splits["part" if repeat == 0 else f"part_{repeat}"].to_numpy()
        return {key: np.flatnonzero((part == key) & (self.labels >= 0)) for key in ("train", *SCORED)}
