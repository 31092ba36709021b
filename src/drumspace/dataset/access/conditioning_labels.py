"""The class of each clip, as far as a generator is told it."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.taxonomy import CLASSES


def told_classes(
    data: LabelledClips, labels: Path, condition: Literal["propagated", "labels", "none"], distrusted: list[str]
) -> np.ndarray:
    """int [clips]: index of the class by name or by hand, and where there is none of the propagated one; -1 for none.

    Propagated ones stand in the table `labels` (clip_id, label). The condition `labels` leaves them out, `none` all. Of
    `distrusted` sources no class is told.
    """
    if condition == "none":
        return np.full(len(data.ids), -1)
    told = np.where(data.catalog["source"].isin(distrusted), -1, data.labels)
    if condition == "labels":
        return told
    table = pd.read_parquet(labels, columns=["clip_id", "label"]).set_index("clip_id")["label"]
    index = {label: number for number, label in enumerate(CLASSES)}
    said = table.map(index).reindex(data.ids).fillna(-1).to_numpy(dtype=np.int64)
    return np.where(data.catalog["source"].isin(distrusted) | (told >= 0), told, said)
