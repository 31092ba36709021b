"""What validation clips decide: the best model, the committee, and the confidence that is sure enough to answer.

Splits overlap: a kit that one split tests on may be another's validation. Each split therefore chooses for itself, on
its own validation part; what is used afterwards is what the first split chose.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from drumspace.classify.evaluation import committee
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.metrics.classification.classification import macro_recall
from drumspace.metrics.classification.selective import threshold_for

COMMITTEE = "committee"


def arrays(table: pd.DataFrame, classes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Class indices [n] and probabilities [n, C] of rows of predictions."""
    index = {name: number for number, name in enumerate(classes)}
    return table["label"].map(index).to_numpy(dtype=np.int64), table[classes].to_numpy(dtype=np.float64)


def part_of(table: pd.DataFrame, split: int, *parts: str) -> pd.DataFrame:
    """The rows of some parts of one split."""
    return table[(table["split"] == split) & table["part"].isin(parts)]


@dataclass(frozen=True)
class Choice:
    """What each split chose on its own validation part, the first one's first; empty where one has no such clips."""

    best: list[str]
    """Of the candidates, the model with the highest macro recall."""
    members: list[list[str]]
    temperatures: list[float]
    votes: pd.DataFrame | None
    """The committees' predictions, in the form of a model's."""


def choose(tables: dict[str, pd.DataFrame], classes: list[str], params: CompareParams) -> Choice:
    """Best model and committee of each of `committee_splits` splits, as far as there are such.

    Candidates are the models trained on all of these, so that every figure over splits is of the same procedure.
    """
    wanted = min(params.committee_splits, max(table["split"].nunique() for table in tables.values()))
    candidates = {name: table for name, table in tables.items() if table["split"].nunique() >= wanted}
    best, everyone, temperatures, votes = [], [], [], []
    for split in range(wanted):
        known = {name: arrays(part_of(table, split, "validation"), classes) for name, table in candidates.items()}
        truth = next(iter(known.values()))[0]
        if not len(truth):
            return Choice([], [], [], None)
        recalls = {name: macro_recall(truth, said.argmax(axis=1)) for name, (_, said) in known.items()}
        best.append(max(recalls, key=lambda name: recalls[name]))
        members = committee.choose(truth, {name: said for name, (_, said) in known.items()}, params.committee_size)
        temperature = committee.temperature_of(truth, [known[name][1] for name in members])
        parts = [table[table["split"] == split] for table in (candidates[name] for name in members)]
        vote = parts[0].copy()
        vote[classes] = committee.vote([arrays(part, classes)[1] for part in parts], temperature)
        everyone.append(members)
        temperatures.append(temperature)
        votes.append(vote)
    return Choice(best, everyone, temperatures, pd.concat(votes, ignore_index=True))


def to_use(
    tables: dict[str, pd.DataFrame], choice: Choice, classes: list[str], params: CompareParams
) -> dict[str, Any]:
    """The content of best.json: who labels, and from which confidence on; a confidence for each of the others too.

    `tables` holds the committee's predictions under its name, where there is one. `abstain_below` is null where no
    confidence keeps the precision asked for, or nothing was left for validation (`n` 0).
    """
    if not choice.best:
        nothing = {"abstain_below": None, "precision": None, "coverage": None, "n": 0, "unseen": None}
        return {"model": next(iter(tables)), **nothing, "thresholds": {}}
    validation = {name: arrays(part_of(table, 0, "validation"), classes) for name, table in tables.items()}
    recalls = {name: macro_recall(truth, said.argmax(axis=1)) for name, (truth, said) in validation.items()}
    name = COMMITTEE if recalls[COMMITTEE] >= recalls[choice.best[0]] else choice.best[0]
    thresholds = {key: _threshold(*known, params.target_precision) for key, known in validation.items()}
    return {
        "model": name,
        "abstain_below": thresholds[name],
        **_answered(*validation[name], thresholds[name]),
        # The confidence was chosen on validation clips, where its precision is flattered: this is what it is worth.
        "unseen": _answered(*arrays(part_of(tables[name], 0, "test", "test_rest"), classes), thresholds[name]),
        "thresholds": thresholds,
    }


def _threshold(truth: np.ndarray, probabilities: np.ndarray, precision: float) -> float | None:
    return threshold_for(precision, probabilities.max(axis=1), probabilities.argmax(axis=1) == truth)


def _answered(truth: np.ndarray, probabilities: np.ndarray, threshold: float | None) -> dict[str, Any]:
    """Of these clips: the share that is answered from the threshold on, and the share of the answers that is right."""
    given = probabilities.max(axis=1) >= (threshold if threshold is not None else 2)
    right = probabilities.argmax(axis=1) == truth
    return {
        "precision": float(right[given].mean()) if given.any() else None,
        "coverage": float(given.mean()) if len(truth) else None,
        "n": len(truth),
    }
