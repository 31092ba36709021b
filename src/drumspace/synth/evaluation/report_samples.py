"""Sounds for the report to play, and what is told of each."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drumspace.synth.evaluation.memorization import to_pcm
from drumspace.synth.sampling.generator import Drawn
from drumspace.taxonomy import CLASSES


@dataclass(frozen=True)
class Shown:
    """Sounds for the report to play."""

    pcm: np.ndarray
    """int16 [n, num_samples]."""
    told: list[dict[str, str | None]]
    """For each, `asked`, the class asked for, and `nearest`, the id of the training clip that it is nearest to."""

    @classmethod
    def of(cls, drawn: Drawn, table: pd.DataFrame | None, count: int) -> "Shown":
        """The first `count` sounds of each class, not the best; of those of no class as many in all.

        `table` has a row for each sound, with the column `nearest`.
        """
        chosen: list[int] = []
        for index in np.unique(drawn.asked):
            of_class = np.flatnonzero(drawn.asked == index)
            chosen += of_class[: count * (1 if index >= 0 else len(CLASSES))].tolist()
        told = [
            {
                "asked": CLASSES[drawn.asked[row]] if drawn.asked[row] >= 0 else None,
                "nearest": None if table is None else str(table["nearest"].iloc[row]),
            }
            for row in chosen
        ]
        return cls(to_pcm(drawn.waves[chosen]), told)
