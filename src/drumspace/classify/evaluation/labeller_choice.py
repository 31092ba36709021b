"""Choice of the labeller, a model or the committee, and of the confidence below which it abstains."""

import numpy as np
import pandas as pd

from drumspace.classify.evaluation.choice import COMMITTEE, Choice
from drumspace.classify.evaluation.labeller_rows import LabellerRows, labeller_rows
from drumspace.classify.evaluation.predictions import HELD_OUT, labels_and_probs, select
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.metrics.classification.abstention_threshold import class_thresholds
from drumspace.metrics.classification.classification import macro_recall
from drumspace.metrics.classification.contract import Coverage, LabellerMetrics


def held_out(table: pd.DataFrame) -> pd.DataFrame:
    """Rows on which thresholds are chosen: parts HELD_OUT of all splits, without the test kits of the first split.

    A clip that several splits hold out counts once.
    """
    test_kits = select(table, 0, "test", "test_rest", "test_other")["kit"].unique()
    rows = table[table["part"].isin(HELD_OUT) & ~table["kit"].isin(test_kits)]
    return rows.drop_duplicates("clip_id")


def choose_labeller(
    tables: dict[str, pd.DataFrame], choice: Choice, classes: list[str], params: CompareParams
) -> LabellerMetrics:
    """Choose the labeller and a confidence threshold a class for every model: content of best.json.

    tables: predictions by model, with the committee's under COMMITTEE if there is one. The labeller is the one that
    labels most of its held-out clips at its thresholds; if none does, the best model or the committee by macro recall.
    A model that can't keep `target_precision` has no thresholds (see `class_thresholds`): the precision of labels of
    the classes. Labels of other drums are reported beside it, since their share differs from folder to folder.
    """
    if not choice.best:
        return {
            "model": next(iter(tables)), "target_precision": params.target_precision,
            "precision": None, "precision_with_others": None, "coverage": None, "others_abstained": None,
            "n": 0, "n_other": 0, "unseen": None, "thresholds": {},
        }  # fmt: skip
    rows = {name: labeller_rows(held_out(table), classes) for name, table in tables.items()}
    thresholds = {name: _thresholds(each, classes, params.target_precision) for name, each in rows.items()}

    covered = {key: coverage(rows[key], thresholds[key], classes)["coverage"] or 0.0 for key in tables}
    name = max(tables, key=lambda key: covered[key])
    if not covered[name]:
        name = max((COMMITTEE, choice.best[0]), key=lambda key: _macro_recall(tables[key], classes))
    return {
        "model": name,
        "target_precision": params.target_precision,
        # The thresholds were chosen on the held-out clips; the figures of unseen kits are unbiased.
        **coverage(rows[name], thresholds[name], classes),
        "unseen": coverage(
            labeller_rows(select(tables[name], 0, "test", "test_rest", "test_other"), classes),
            thresholds[name],
            classes,
        ),
        "thresholds": thresholds,
    }


def _macro_recall(table: pd.DataFrame, classes: list[str]) -> float:
    truth, probs = labels_and_probs(select(table, 0, "validation"), classes)
    return macro_recall(truth, probs.argmax(axis=1))


def _thresholds(rows: LabellerRows, classes: list[str], precision: float) -> dict[str, float] | None:
    in_class = rows.of_classes()
    values = class_thresholds(
        precision, in_class.confidence, in_class.predicted, in_class.correct, in_class.kits, len(classes)
    )
    return None if values is None else dict(zip(classes, map(float, values), strict=True))


def coverage(rows: LabellerRows, thresholds: dict[str, float] | None, classes: list[str]) -> Coverage:
    """Precision and coverage of the labels given at these thresholds; None: it abstains on all clips."""
    given = np.zeros(len(rows.truth), dtype=bool)
    if thresholds is not None:
        given = rows.confidence >= np.array([thresholds[name] for name in classes])[rows.predicted]
    return coverage_of(rows, given)


def coverage_of(rows: LabellerRows, given: np.ndarray) -> Coverage:
    """Precision and coverage of labels that are given to some clips, bool [n]."""
    in_class = rows.truth >= 0

    def mean(values: np.ndarray) -> float | None:
        return float(values.mean()) if len(values) else None

    return {
        "precision": mean(rows.correct[given & in_class]),
        "precision_with_others": mean(rows.correct[given]),
        "coverage": mean(given[in_class]),
        "others_abstained": mean(~given[~in_class]),
        "n": int(in_class.sum()),
        "n_other": int((~in_class).sum()),
    }
