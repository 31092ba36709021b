"""The clips that generators train on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.subsets import Subsets


@dataclass(frozen=True)
class TrainingSet:
    """A catalogue of clips and the rows that generators train on."""

    data: LabelledClips
    rows: np.ndarray
    """Row numbers of the training clips, labelled or not: int [n]."""

    @classmethod
    def open(cls, clips: Path, splits: Path) -> "TrainingSet":
        """Read the clips in the folder `clips` and the split in the parquet file `splits`."""
        data = LabelledClips(clips, splits)
        return cls(data, Subsets.read(data, pd.read_parquet(splits)).generators)

    @property
    def pcm(self) -> Callable[[np.ndarray], np.ndarray]:
        """Function from row numbers to PCM: int16 [n, num_samples]."""
        return self.data.clips.__getitem__
