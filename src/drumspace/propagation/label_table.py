"""The table of propagated labels, what near-duplicates say of each other, and what to ask a person."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from drumspace.propagation.review_queue import review_queue, uncertainty_of

DUPLICATE = "near_duplicate"
"""Method of a label that a labelled near-duplicate gives."""
NAMED_OTHER = "name"
"""Method of a clip whose name says that it is none of the classes."""


@dataclass(frozen=True)
class Groups:
    """Near-duplicates and what is known of them."""

    label: np.ndarray
    """int [n]: the one label that is known in a clip's group; -1 for none, or for several that disagree."""
    conflicting: np.ndarray
    """bool [n]: labelled clips of groups whose known labels disagree."""
    agreement: float | None
    """How often two labelled clips of one group have the same label; None without such a pair."""

    @property
    def sure(self) -> float:
        """How sure a label is that a near-duplicate gives: where no pair tells, as one recording is itself."""
        return 1.0 if self.agreement is None else self.agreement


def read_groups(known: np.ndarray, groups: np.ndarray) -> Groups:
    """known: labels int [n], -1 for none (`other` is a label too); groups: int [n]."""
    rows = np.flatnonzero(known >= 0)
    table = pd.DataFrame({"group": groups[rows], "label": known[rows]})
    spread = table.groupby("group")["label"].agg(["min", "max"])
    one = spread["min"][spread["min"] == spread["max"]]
    torn = spread.index[spread["min"] != spread["max"]]
    label = pd.Series(groups).map(one).fillna(-1).to_numpy(dtype=np.int64)
    counts = table.groupby(["group", "label"]).size()
    same = float((counts * (counts - 1)).sum())
    sizes = table.groupby("group").size()
    pairs = float((sizes * (sizes - 1)).sum())
    return Groups(label, (known >= 0) & np.isin(groups, torn), same / pairs if pairs else None)


def label_table(
    clip_ids: np.ndarray,
    said: np.ndarray,
    known: np.ndarray,
    groups: Groups,
    threshold: float | None,
    precision: float,
    method: str,
    classes: tuple[str, ...],
) -> pd.DataFrame:
    """clip_id, label or null, confidence, method and a probability a class, for every clip without a class.

    said: [n, C + 1], the last `other`; known: int [n], C for clips known as other. A clip whose near-duplicates have
    one label gets it where such labels agree as often as `precision` asks; one known as other, or with a
    near-duplicate that is, is left open.
    """
    n_classes = len(classes)
    scores = said[:, :-1].copy()
    confidence, answer = scores.max(axis=1), scores.argmax(axis=1)
    answered = (confidence >= (np.inf if threshold is None else threshold)) & said.any(axis=1)
    how = np.full(len(known), method, dtype=object)
    twin = (known < 0) & (groups.label >= 0) & (groups.sure >= precision)
    scores[twin] = 0
    own = twin & (groups.label < n_classes)
    scores[own] = (1 - groups.sure) / max(n_classes - 1, 1)
    scores[own, groups.label[own]] = groups.sure
    answer = np.where(own, groups.label, answer)
    confidence = np.where(twin, scores.max(axis=1), confidence)
    answered = np.where(twin, own, answered)
    how[twin] = DUPLICATE
    named = known == n_classes
    answered &= ~named
    how[named] = NAMED_OTHER
    names = np.array(classes, dtype=object)
    table = pd.DataFrame({
        "clip_id": clip_ids,
        "label": pd.array(np.where(answered, names[answer], np.nan), pd.StringDtype(na_value=np.nan)),
        "confidence": confidence.astype(np.float32),
        "method": how,
        **{name: scores[:, number].astype(np.float32) for number, name in enumerate(classes)},
    })  # fmt: skip
    return table[(known < 0) | named].reset_index(drop=True)


def queue_table(
    catalog: pd.DataFrame,
    said: np.ndarray,
    known: np.ndarray,
    settled: np.ndarray,
    graph: csr_array,
    count: int,
    classes: tuple[str, ...],
) -> pd.DataFrame:
    """path, suggested, confidence, alike, settles and clip_id of the clips to ask a person about, the first first.

    settled: bool [n], clips that near-duplicates have labelled; suggested may be `other`; alike: near-duplicates that
    the answer labels with it; settles: how many clips' doubt it takes away, roughly.
    """
    groups = catalog["duplicate_group"].to_numpy()
    open_ = (known < 0) & ~settled
    uncertainty = np.where(open_, uncertainty_of(said), 0)
    rows, gains = review_queue(graph, uncertainty, groups, open_, count)
    sizes = pd.Series(groups[open_]).value_counts()
    own = said[rows]
    return pd.DataFrame({
        "path": catalog["path"].to_numpy()[rows],
        "suggested": np.array([*classes, "other"], dtype=object)[own.argmax(axis=1)] if len(rows) else [],
        "confidence": own.max(axis=1) if len(rows) else [],
        "near_duplicates": sizes.reindex(groups[rows]).to_numpy() - 1,
        "gain": gains,
        "clip_id": catalog["clip_id"].to_numpy()[rows],
    })  # fmt: skip
