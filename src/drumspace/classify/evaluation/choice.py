"""Choices made on validation clips: the best model, the committee, and the labeller with its threshold.

Splits overlap: a test kit of one split may be a validation kit of another. Each split therefore chooses on its own
validation part; the labeller uses what the first split chose.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drumspace.classify.evaluation import committee
from drumspace.classify.evaluation.predictions import UNSEEN, labels_and_probs, select
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.metrics.classification.abstention_threshold import threshold_for
from drumspace.metrics.classification.classification import macro_recall
from drumspace.metrics.classification.contract import Coverage, LabellerMetrics

COMMITTEE = "committee"

ABOVE_ALL = 2.0
"""A threshold above every probability: the labeller abstains on all clips."""


@dataclass(frozen=True)
class Choice:
    """Choices of each split on its own validation part, the first split first; empty if a split has no such clips."""

    best: list[str]
    """Candidate with the highest macro recall."""
    members: list[list[str]]
    """Members of the committee, best first."""
    temperatures: list[float]
    """Temperature of the committee's mean."""
    votes: pd.DataFrame | None
    """Predictions of the committees, in the form of a model's."""


def choose(tables: dict[str, pd.DataFrame], classes: list[str], params: CompareParams) -> Choice:
    """Choose best model and committee for each of the first `committee_splits` splits, or for as many as there are.

    Candidates are the models trained on all of these splits, so that a mean over splits is of one procedure.
    """
    num_splits = min(params.committee_splits, max(table["split"].nunique() for table in tables.values()))
    candidates = {name: table for name, table in tables.items() if table["split"].nunique() >= num_splits}
    best, members, temperatures, votes = [], [], [], []
    for split in range(num_splits):
        validation = {
            name: labels_and_probs(select(table, split, "validation"), classes) for name, table in candidates.items()
        }
        truth = next(iter(validation.values()))[0]
        if not len(truth):
            return Choice([], [], [], None)
        probs = {name: values for name, (_, values) in validation.items()}
        recalls = {name: macro_recall(truth, values.argmax(axis=1)) for name, values in probs.items()}
        best.append(max(recalls, key=lambda name: recalls[name]))
        members.append(committee.choose(truth, probs, params.committee_size))
        temperatures.append(committee.temperature_of(truth, [probs[name] for name in members[-1]]))
        rows = [table[table["split"] == split] for table in (candidates[name] for name in members[-1])]
        vote = rows[0].copy()
        vote[classes] = committee.vote([labels_and_probs(part, classes)[1] for part in rows], temperatures[-1])
        votes.append(vote)
    if not votes:  # the tables are empty: all kits are used for training
        return Choice([], [], [], None)
    return Choice(best, members, temperatures, pd.concat(votes, ignore_index=True))


def choose_labeller(
    tables: dict[str, pd.DataFrame], choice: Choice, classes: list[str], params: CompareParams
) -> LabellerMetrics:
    """Choose the labeller, best model or committee, and a confidence threshold for every model: content of best.json.

    tables: predictions by model, with the committee's under COMMITTEE if there is one. `abstain_below` is None if no
    threshold reaches `target_precision`, or if there are no validation clips (`n` 0).
    """
    if not choice.best:
        return {
            "model": next(iter(tables)),
            "abstain_below": None, "precision": None, "coverage": None, "n": 0, "unseen": None, "thresholds": {},
        }  # fmt: skip
    validation = {name: labels_and_probs(select(table, 0, "validation"), classes) for name, table in tables.items()}
    recalls = {name: macro_recall(truth, probs.argmax(axis=1)) for name, (truth, probs) in validation.items()}
    name = COMMITTEE if recalls[COMMITTEE] >= recalls[choice.best[0]] else choice.best[0]
    thresholds = {key: _threshold(*rows, params.target_precision) for key, rows in validation.items()}
    return {
        "model": name,
        "abstain_below": thresholds[name],
        **_coverage(*validation[name], thresholds[name]),
        # The threshold was chosen on the validation clips, where its precision is biased upwards. This is unbiased.
        "unseen": _coverage(*labels_and_probs(select(tables[name], 0, *UNSEEN), classes), thresholds[name]),
        "thresholds": thresholds,
    }


def _threshold(truth: np.ndarray, probs: np.ndarray, precision: float) -> float | None:
    return threshold_for(precision, probs.max(axis=1), probs.argmax(axis=1) == truth)


def _coverage(truth: np.ndarray, probs: np.ndarray, threshold: float | None) -> Coverage:
    """Share of clips whose confidence reaches the threshold, and share of these that is classified correctly."""
    labelled = probs.max(axis=1) >= (threshold if threshold is not None else ABOVE_ALL)
    correct = probs.argmax(axis=1) == truth
    return {
        "precision": float(correct[labelled].mean()) if labelled.any() else None,
        "coverage": float(labelled.mean()) if len(truth) else None,
        "n": len(truth),
    }
