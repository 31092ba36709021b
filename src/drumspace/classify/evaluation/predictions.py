"""Rows of predictions: a model's table of clip_id, split, part, kit, label, a probability a class, and `other`."""

import numpy as np
import pandas as pd

UNSEEN = ("test", "test_rest")
"""Parts of a split that hold the clips of its test kits."""
HELD_OUT = ("validation", "validation_other", "cross_validated", "cross_validated_other")
"""Parts that hold clips of other kits than those, predicted by a training that did not see them; `_other`: other drums.
"""


def select(table: pd.DataFrame, split: int, *parts: str) -> pd.DataFrame:
    """Rows of some parts of one split."""
    return table[(table["split"] == split) & table["part"].isin(parts)]


def labels_and_probs(table: pd.DataFrame, classes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Class indices [n], -1 for other drums, and probabilities [n, C] of rows of predictions."""
    index = {name: number for number, name in enumerate(classes)}
    return table["label"].map(index).fillna(-1).to_numpy(dtype=np.int64), table[classes].to_numpy(dtype=np.float64)
