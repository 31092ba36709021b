"""Which clips generators learn from, which judge them, and which they are held against: whole kits, of the first split.

Where the split has the parts `judge` and `reference`, these are theirs alone. Where it has none (few sounds), the judge
learns from what trains, and the reference is what validation and test hold.
"""

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from drumspace.dataset.access.labelled_clips import LabelledClips

HELD_OUT = ("validation", "test", "test_rest")


class Roles:
    """Row numbers of clips, by what they are for."""

    def __init__(self, data: LabelledClips, parts: np.ndarray) -> None:
        """`parts` [clips]: the first split's, in the order of `data`."""
        real = ~data.catalog["synthetic"].to_numpy(dtype=bool)
        groups = data.catalog["duplicate_group"].to_numpy()

        def rows(*names: str) -> np.ndarray:
            return np.flatnonzero(np.isin(parts, names) & (data.labels >= 0) & real)

        def once(chosen: np.ndarray) -> np.ndarray:
            # Near-duplicates would make real sounds look nearer to each other than they are.
            return np.sort(chosen[np.unique(groups[chosen], return_index=True)[1]])

        self.generators = np.flatnonzero(np.isin(parts, ("train", "unlabelled")))
        """What generators learn from: of the training kits all sounds, labelled or not."""
        own_judge, own_reference = len(rows("judge")) > 0, len(rows("reference")) > 0
        self.judge = rows("judge" if own_judge else "train")
        """What the judge learns from: no synthetic sounds, as it judges such too."""
        self.reference = once(rows("reference") if own_reference else rows(*HELD_OUT))
        """Real sounds that no generator, and no judge, has learned from; one of a group of near-duplicates."""
        self.others = once(rows(*HELD_OUT) if own_reference else rows("train"))
        """Other real sounds, of kits apart from the reference's: what a perfect generator would make."""

    @classmethod
    def read(cls, data: LabelledClips, splits: pd.DataFrame) -> "Roles":
        """From the table of splits."""
        return cls(data, splits.set_index("clip_id")["part"].reindex(data.ids).to_numpy(dtype=str))


def hold_out_kits(kits: np.ndarray, labels: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """bool [n]: one of `folds` parts by whole kits, classes in proportion as far as kits allow."""
    # Too few kits, or sounds of every class, to hold any out.
    if len(np.unique(kits)) < folds or np.bincount(labels).max(initial=0) < folds:
        return np.zeros(len(kits), dtype=bool)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    held = np.zeros(len(kits), dtype=bool)
    held[next(iter(splitter.split(labels, labels, kits)))[1]] = True
    return held
