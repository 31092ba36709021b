"""The audio and the catalogue of all clips, read by memory map."""

from pathlib import Path

import numpy as np
import pandas as pd

from drumspace.io.shards import shard_path


class Clips:
    """Clips in memory-mapped shards.

    `catalog` is the table data/clips/catalog.parquet; `clips[index]` gives int16
    [len(index), num_samples] for an array of row numbers.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` holds catalog.parquet and the shards."""
        self.catalog = pd.read_parquet(folder / "catalog.parquet")
        numbers = sorted(set(self.catalog["shard"].tolist()))
        self._shards = {number: np.load(shard_path(folder, number), mmap_mode="r") for number in numbers}
        self._shard = self.catalog["shard"].to_numpy()
        self._row = self.catalog["row"].to_numpy()

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.catalog)

    @property
    def num_samples(self) -> int:
        """Length of every clip in samples."""
        return int(next(iter(self._shards.values())).shape[1])

    def __getitem__(self, index: np.ndarray) -> np.ndarray:
        """PCM of the clips with these row numbers: int16 [len(index), num_samples]."""
        index = np.asarray(index)
        pcm = np.empty((len(index), self.num_samples), dtype=np.int16)
        shards = self._shard[index]
        for number in np.unique(shards):
            positions = np.flatnonzero(shards == number)
            pcm[positions] = self._shards[number][self._row[index[positions]]]
        return pcm

    def float32(self, index: np.ndarray) -> np.ndarray:
        """Samples of the clips with these row numbers: float32 [len(index), num_samples] in [-1, 1)."""
        return self[index].astype(np.float32) / np.float32(32768)
