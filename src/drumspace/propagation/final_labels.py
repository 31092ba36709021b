"""The answer for a user: a label for every clip that has none, or none where it would likely be wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.io.settings import Params
from drumspace.maps.neighbours import Neighbours
from drumspace.metrics.classification.intervals import student_ci95
from drumspace.metrics.classification.selective import threshold_for
from drumspace.propagation import registry
from drumspace.propagation.cell import Cell
from drumspace.propagation.cell_classifier import ClassifierParams, probabilities
from drumspace.propagation.settings import LabelsParams, PropagateParams


@dataclass(frozen=True)
class Propagation:
    """Spreads labels over all clips, with what is known of some of them. `other` is one class more, the last."""

    points: np.ndarray
    """float [n, d]."""
    neighbours: Neighbours
    n_classes: int
    """Without `other`."""
    method: str
    settings: Params
    k: int
    classifier: ClassifierParams
    groups: np.ndarray
    """int [n]: near-duplicates, which get one answer."""

    def said(self, known: np.ndarray) -> np.ndarray:
        """float [n, n_classes + 1] for labels [n], -1 for what is not known; rows of zeros abstain."""
        said = None
        if registry.uses_classifier(self.method):
            said = probabilities(self.points, known, self.n_classes + 1, self.classifier)
        cell = Cell(self.neighbours, known, self.n_classes + 1, said)
        scores = registry.scores(self.method, cell, self.k, self.settings)
        scores = scores / np.maximum(scores.sum(axis=1, keepdims=True), 1e-12)
        return together(scores, self.groups, known < 0)


def propagation_of(points: np.ndarray, groups: np.ndarray, n_classes: int, params: PropagateParams) -> Propagation:
    """As params.labels has it."""
    method = params.labels.method
    return Propagation(
        points, Neighbours.from_points(points, max(64, params.labels.k)), n_classes, method,
        params.settings([method])[method], params.labels.k, params.classifier, groups,
    )  # fmt: skip


def together(scores: np.ndarray, groups: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Scores [n, C] in which those of `which` (bool [n]) that are in one group have the group's mean."""
    _, of_clip = np.unique(groups, return_inverse=True)
    sums = np.zeros((int(of_clip.max(initial=-1)) + 1, scores.shape[1]))
    np.add.at(sums, of_clip[which], scores[which])
    sizes = np.bincount(of_clip[which], minlength=len(sums))
    means = sums / np.maximum(sizes, 1)[:, None]
    return np.where(which[:, None], means[of_clip], scores)


def crossed(
    propagation: Propagation, known: np.ndarray, kits: np.ndarray, trusted: np.ndarray, folds: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows and what is said of them while nothing of their kit is known; `known`: labels [n], -1 for none.

    trusted: bool [n], whose labels are good enough to ask about; the others only tell.
    """
    from sklearn.model_selection import GroupKFold

    rows = np.flatnonzero((known >= 0) & trusted)
    folds = min(folds, len(np.unique(kits[rows])))
    if folds < 2:
        return
    for _, asked in GroupKFold(folds, shuffle=True, random_state=0).split(rows, groups=kits[rows]):
        hidden = rows[asked]
        shown = known.copy()
        shown[hidden] = -1
        # A near-duplicate in another kit would give the answer away.
        shown[np.isin(propagation.groups, propagation.groups[hidden])] = -1
        yield hidden, propagation.said(shown)[hidden]


def confidence_for(
    propagation: Propagation, known: np.ndarray, kits: np.ndarray, trusted: np.ndarray, params: LabelsParams
) -> float | None:
    """From which confidence on answers keep the precision, on known clips of kits not heard; None: from none.

    An answer to a clip that is `other` counts as wrong; a clip of which nothing is said has none.
    """
    confidence, right = [], []
    for rows, said in crossed(propagation, known, kits, trusted, params.folds):
        answer = said[:, :-1].argmax(axis=1)
        confidence.append(said[:, :-1].max(axis=1))
        right.append(answer == known[rows])
    if not confidence:
        return None
    sure, good = np.concatenate(confidence), np.concatenate(right)
    return threshold_for(params.target_precision, sure[sure > 0], good[sure > 0])


def kept(said: np.ndarray, truth: np.ndarray, threshold: float | None) -> dict[str, Any]:
    """What answers are worth: said [n, C + 1], truth [n] in which C is `other`; figures are null without clips.

    precision: of the answers to clips of the classes; precision_with_others: of all answers, those to others being
    wrong; coverage: the share of the classes' clips that get one; others_abstained: of the others, that get none.
    """
    classes = said.shape[1] - 1
    least = np.inf if threshold is None else threshold
    answered = (said[:, :-1].max(axis=1) >= least) & said.any(axis=1)
    right = said[:, :-1].argmax(axis=1) == truth
    own, others = truth < classes, truth == classes
    return {
        "precision": _share(right[own & answered]),
        "precision_with_others": _share(right[answered]),
        "coverage": _share(answered[own]),
        "others_abstained": _share(~answered[others]),
        "n": int(own.sum()),
        "predicted": int(answered[own].sum()),
        "others": int(others.sum()),
    }


def measure(
    propagation: Propagation,
    truth: np.ndarray,
    kits: np.ndarray,
    trusted: np.ndarray,
    parts: list[np.ndarray],
    params: LabelsParams,
) -> dict[str, Any]:
    """What `kept` says of clips of kits of which nothing is known, mean over the splits.

    truth: [n], n_classes for other, -1 for what nobody knows; parts: for each split, the part of every clip. Known are
    the clips that train and validate, and the others of kits that train; the confidence is found among them. `n`:
    different clips that were asked about; splits share some of them.
    """
    found, clips = [], np.zeros(len(truth), dtype=bool)
    for part in parts:
        other = truth == propagation.n_classes
        known = np.where(np.isin(part, ["train", "validation"]) | (other & (part == "unlabelled")), truth, -1)
        asked = (truth >= 0) & np.isin(part, ["test", "test_rest", "held_out"])
        # The split holds unlabelled clips out for their kit alone, also those of kits that validate.
        asked &= ~np.isin(kits, kits[known >= 0]) & ~np.isin(propagation.groups, propagation.groups[known >= 0])
        clips |= asked & ~(truth == propagation.n_classes)
        threshold = confidence_for(propagation, known, kits, trusted, params)
        found.append(kept(propagation.said(known)[asked], truth[asked], threshold) | {"threshold": threshold})
    figures: dict[str, Any] = {"target": params.target_precision}
    for key in ("precision", "precision_with_others", "coverage", "others_abstained"):
        values = [split[key] for split in found if split[key] is not None]
        figures |= {key: float(np.mean(values)) if values else None, f"{key}_ci95": student_ci95(values)}
    return figures | {"n": int(clips.sum()), "splits": found}


def _share(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None
