"""Conditioning labels: the class of each clip on which a generator is conditioned."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.taxonomy import CLASSES


def conditioning_labels(
    data: LabelledClips,
    labels: Path,
    condition: Literal["propagated", "labels", "none"],
    noisy_label_sources: list[str],
) -> np.ndarray:
    """Class index of each clip, -1 for no class: int [clips].

    `labels` is the parquet file of propagated labels (clip_id, label). The condition `propagated` takes the label that
    a clip has by its name or by hand, else the propagated one; `labels` ignores propagated labels; `none` ignores all.
    Clips of `noisy_label_sources` get no class.
    """
    if condition == "none":
        return np.full(len(data.ids), -1)
    is_noisy = data.catalog["source"].isin(noisy_label_sources)
    own_labels = np.where(is_noisy, -1, data.labels)
    if condition == "labels":
        return own_labels
    table = pd.read_parquet(labels, columns=["clip_id", "label"]).set_index("clip_id")["label"]
    index = {label: number for number, label in enumerate(CLASSES)}
    propagated = table.map(index).reindex(data.ids).fillna(-1).to_numpy(dtype=np.int64)
    return np.where(is_noisy | (own_labels >= 0), own_labels, propagated)
