"""Choices made on validation clips: the best model and the committee.

Splits overlap: a test kit of one split may be a validation kit of another. Each split therefore chooses on its own
validation part; the labeller uses what the first split chose.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drumspace.classify.evaluation import committee
from drumspace.classify.evaluation.predictions import labels_and_probs, select
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.metrics.classification.classification import macro_recall

COMMITTEE = "committee"


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
        rows = common_parts([table[table["split"] == split] for table in (candidates[name] for name in members[-1])])
        vote = rows[0].copy()
        vote[classes] = committee.vote([labels_and_probs(part, classes)[1] for part in rows], temperatures[-1])
        vote["other"] = np.mean([part["other"].to_numpy(np.float64) for part in rows], axis=0)
        votes.append(vote)
    if not votes:  # the tables are empty: all kits are used for training
        return Choice([], [], [], None)
    return Choice(best, members, temperatures, pd.concat(votes, ignore_index=True))


def common_parts(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Rows of the parts that all tables have, in one order of clips."""
    parts = set.intersection(*(set(table["part"]) for table in tables))
    return [table[table["part"].isin(parts)].sort_values(["part", "clip_id"]) for table in tables]
