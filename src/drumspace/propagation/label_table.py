"""Table of propagated labels, and table of the clips to label by hand."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from drumspace.propagation.review_queue import review_queue, uncertainty_of

DUPLICATE = "near_duplicate"
"""Method of a label copied from a labelled near-duplicate."""
NAMED_OTHER = "name"
"""Method of a clip whose name says that it belongs to none of the classes."""


@dataclass(frozen=True)
class GroupLabels:
    """Labels of the near-duplicate groups, for each clip."""

    label: np.ndarray
    """int [n]: the label of the clip's group; -1 without a label, or with labels that differ."""
    conflicting: np.ndarray
    """bool [n]: labelled clips of groups whose labels differ."""
    agreement: float | None
    """Share of the pairs of labelled clips in one group that have the same label; None without such a pair."""

    @property
    def confidence(self) -> float:
        """Confidence of a label copied from a near-duplicate: the agreement, or 1 without a pair to measure it."""
        return 1.0 if self.agreement is None else self.agreement


def summarize_groups(labels: np.ndarray, groups: np.ndarray) -> GroupLabels:
    """Labels of near-duplicate groups; labels: int [n], -1 for unlabelled (`other` is a label); groups: int [n]."""
    rows = np.flatnonzero(labels >= 0)
    table = pd.DataFrame({"group": groups[rows], "label": labels[rows]})
    extremes = table.groupby("group")["label"].agg(["min", "max"])
    unanimous = extremes["min"][extremes["min"] == extremes["max"]]
    divided = extremes.index[extremes["min"] != extremes["max"]]
    label = pd.Series(groups).map(unanimous).fillna(-1).to_numpy(dtype=np.int64)
    counts = table.groupby(["group", "label"]).size()
    same = float((counts * (counts - 1)).sum())
    sizes = table.groupby("group").size()
    pairs = float((sizes * (sizes - 1)).sum())
    return GroupLabels(label, (labels >= 0) & np.isin(groups, divided), same / pairs if pairs else None)


def label_table(
    clip_ids: np.ndarray,
    probs: np.ndarray,
    labels: np.ndarray,
    groups: GroupLabels,
    threshold: float | None,
    precision: float,
    method: str,
    classes: tuple[str, ...],
) -> pd.DataFrame:
    """Table of clip_id, label or null, confidence, method and a probability for each class.

    It has a row for each clip that has no label or the label `other`. probs: float [n, C + 1], `other` last; labels:
    int [n], C for `other`, -1 for unlabelled. A clip whose near-duplicates share one label gets that label if the
    agreement of such labels reaches `precision`. Clips of `other` and their near-duplicates get no label.
    """
    n_classes = len(classes)
    scores = probs[:, :-1].copy()
    confidence, predicted = scores.max(axis=1), scores.argmax(axis=1)
    has_label = (confidence >= (np.inf if threshold is None else threshold)) & probs.any(axis=1)
    methods = np.full(len(labels), method, dtype=object)
    duplicate = (labels < 0) & (groups.label >= 0) & (groups.confidence >= precision)
    scores[duplicate] = 0
    copied = duplicate & (groups.label < n_classes)
    scores[copied] = (1 - groups.confidence) / max(n_classes - 1, 1)
    scores[copied, groups.label[copied]] = groups.confidence
    predicted = np.where(copied, groups.label, predicted)
    confidence = np.where(duplicate, scores.max(axis=1), confidence)
    has_label = np.where(duplicate, copied, has_label)
    methods[duplicate] = DUPLICATE
    named = labels == n_classes
    has_label &= ~named
    methods[named] = NAMED_OTHER
    names = np.array(classes, dtype=object)
    table = pd.DataFrame({
        "clip_id": clip_ids,
        "label": pd.array(np.where(has_label, names[predicted], np.nan), pd.StringDtype(na_value=np.nan)),
        "confidence": confidence.astype(np.float32),
        "method": methods,
        **{name: scores[:, number].astype(np.float32) for number, name in enumerate(classes)},
    })  # fmt: skip
    return table[(labels < 0) | named].reset_index(drop=True)


def queue_table(
    catalog: pd.DataFrame,
    probs: np.ndarray,
    labels: np.ndarray,
    labelled_by_duplicate: np.ndarray,
    graph: csr_array,
    count: int,
    classes: tuple[str, ...],
) -> pd.DataFrame:
    """Review queue: path, suggested, confidence, near_duplicates, gain and clip_id, in the order of labelling.

    labelled_by_duplicate: bool [n], clips with a label copied from a near-duplicate; they are not in the queue.
    suggested: the likeliest class, or `other`; near_duplicates: further clips that get the same label; gain: the
    reduction of the total uncertainty, in clips.
    """
    groups = catalog["duplicate_group"].to_numpy()
    candidates = (labels < 0) & ~labelled_by_duplicate
    uncertainty = np.where(candidates, uncertainty_of(probs), 0)
    rows, gains = review_queue(graph, uncertainty, groups, candidates, count)
    sizes = pd.Series(groups[candidates]).value_counts()
    row_probs = probs[rows]
    return pd.DataFrame({
        "path": catalog["path"].to_numpy()[rows],
        "suggested": np.array([*classes, "other"], dtype=object)[row_probs.argmax(axis=1)] if len(rows) else [],
        "confidence": row_probs.max(axis=1) if len(rows) else [],
        "near_duplicates": sizes.reindex(groups[rows]).to_numpy() - 1,
        "gain": gains,
        "clip_id": catalog["clip_id"].to_numpy()[rows],
    })  # fmt: skip
