"""Evaluation subsets: the clips that generators train on, the judge's training clips and the reference of real sounds.

The subsets are whole kits of the first split. If the split has the parts `judge` and `reference`, they serve these two
purposes alone. If it has not (few sounds), the judge trains on the part `train`, and the reference consists of the
validation and test parts.
"""

import numpy as np
import pandas as pd

from drumspace.dataset.access.labelled_clips import LabelledClips

HELD_OUT = ("validation", "test", "test_rest")


class Subsets:
    """Row numbers of the clips in each evaluation subset: int arrays, sorted."""

    def __init__(self, data: LabelledClips, parts: np.ndarray) -> None:
        """`parts` [clips]: each clip's part in the first split, in the order of `data`."""
        real = ~data.catalog["synthetic"].to_numpy(dtype=bool)
        groups = data.catalog["duplicate_group"].to_numpy()

        def rows(*names: str) -> np.ndarray:
            return np.flatnonzero(np.isin(parts, names) & (data.labels >= 0) & real)

        def without_duplicates(rows: np.ndarray) -> np.ndarray:
            # Near-duplicates would lower the measured distance between two sets of real sounds.
            return np.sort(rows[np.unique(groups[rows], return_index=True)[1]])

        has_judge, has_reference = len(rows("judge")) > 0, len(rows("reference")) > 0
        self.generators = np.flatnonzero(np.isin(parts, ("train", "unlabelled")))
        """Clips that generators train on: all sounds of the training kits, labelled or not."""
        self.judge = rows("judge" if has_judge else "train")
        """Clips that the judge trains on. They are real: the judge also evaluates synthetic sounds."""
        self.reference = without_duplicates(rows("reference") if has_reference else rows(*HELD_OUT))
        """Real sounds that no generator and no judge has trained on; one of each group of near-duplicates."""
        self.others = without_duplicates(rows(*HELD_OUT) if has_reference else rows("train"))
        """Other real sounds, from other kits than the reference: the output of a perfect generator (floor)."""

    @classmethod
    def read(cls, data: LabelledClips, splits: pd.DataFrame) -> "Subsets":
        """The subsets of a table of splits (clip_id, part)."""
        return cls(data, splits.set_index("clip_id")["part"].reindex(data.ids).to_numpy(dtype=str))


def hold_out_kits(kits: np.ndarray, labels: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Hold out one of `folds` folds of whole kits, stratified by class as far as kits allow: bool [n].

    `kits` [n] are kit names, `labels` int [n] class indices. If there are too few kits or clips to hold any out, all
    values are False.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    if len(np.unique(kits)) < folds or np.bincount(labels).max(initial=0) < folds:
        return np.zeros(len(kits), dtype=bool)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    held_out = np.zeros(len(kits), dtype=bool)
    held_out[next(iter(splitter.split(labels, labels, kits)))[1]] = True
    return held_out
