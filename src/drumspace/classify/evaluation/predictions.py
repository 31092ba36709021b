"""Rows of predictions: a model's table of clip_id, split, part, kit, label and a probability a class."""

import numpy as np
import pandas as pd

UNSEEN = ("test", "test_rest")
"""Parts of a split that hold the clips of its test kits."""


def select(table: pd.DataFrame, split: int, *parts: str) -> pd.DataFrame:
    """Rows of some parts of one split."""
    return table[(table["split"] == split) & table["part"].isin(parts)]


def labels_and_probs(table: pd.DataFrame, classes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Class indices [n] and probabilities [n, C] of rows of predictions."""
    index = {name: number for number, name in enumerate(classes)}
    return table["label"].map(index).to_numpy(dtype=np.int64), table[classes].to_numpy(dtype=np.float64)
