"""Whether thresholds keep their target precision on other kits: a simulation on leave-sources-out predictions.

    python -m benchmarks.classify.target_precision WORK [--variant NAME] [--repeats 200]

WORK and the predictions are those of `benchmarks.classify.leave_sources_out`. Each repeat draws kits at random, chooses
the thresholds on half of them and labels the other half. A repeat without a threshold keeps the precision, as the
labeller then gives no label, and is counted beside. Figures go to reports/benchmarks/corpus/target_precision.json: the
share of repeats that keep the precision, their mean precision and coverage, by the class-wise lower bound of the
labeller, by one bound for all classes, and by the point estimate without a margin.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._lib.git import head
from benchmarks._lib.trained_classifiers import Run
from benchmarks.classify.leave_sources_out import AFTER, FOLDS, OUT, labeller_rows, read
from drumspace.classify.evaluation.labeller_rows import LabellerRows
from drumspace.io.json_files import write_json
from drumspace.metrics.classification.abstention_threshold import bounded_threshold, class_thresholds, threshold_for
from drumspace.taxonomy import CLASSES

TARGET = 0.95
Rule = Callable[[LabellerRows], np.ndarray | None]
"""Predictions → thresholds [classes], or None."""


def by_class(rows: LabellerRows) -> np.ndarray | None:
    """Thresholds as the labeller has them."""
    return class_thresholds(TARGET, rows.confidence, rows.predicted, rows.correct, rows.kits, len(CLASSES))


def one_bound(rows: LabellerRows) -> np.ndarray | None:
    """One threshold for all classes, by the lower bound."""
    return everywhere(bounded_threshold(TARGET, rows.confidence, rows.correct, rows.kits))


def point_estimate(rows: LabellerRows) -> np.ndarray | None:
    """One threshold for all classes, where the precision on these kits is the target."""
    return everywhere(threshold_for(TARGET, rows.confidence, rows.correct))


def everywhere(threshold: float | None) -> np.ndarray | None:
    """The same threshold for all classes."""
    return None if threshold is None else np.full(len(CLASSES), threshold)


RULES: dict[str, Rule] = {"class_thresholds": by_class, "one_bound": one_bound, "point_estimate": point_estimate}


def main() -> None:
    """Simulate each rule for every model that predicted all folds."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("work", type=Path)
    parser.add_argument("--variant", default=AFTER)
    parser.add_argument("--repeats", type=int, default=200)
    arguments = parser.parse_args()
    tables = read(Run.open(arguments.work), OUT / arguments.variant)
    models: dict[str, Any] = {}
    for name, by_fold in tables.items():
        if len(by_fold) == FOLDS:
            table = pd.concat(list(by_fold.values()))
            rows = labeller_rows(table[table["part"] == "test"])
            models[name] = {rule: simulate(RULES[rule], rows, arguments.repeats) for rule in RULES}
            print(name, models[name])
    write_json(
        OUT.with_name("target_precision.json"),
        {"commit": head(), "variant": arguments.variant, "target": TARGET, "models": models},
    )


def simulate(rule: Rule, rows: LabellerRows, repeats: int, seed: int = 0) -> dict[str, Any]:
    """Share of repeats that keep the target precision on the half of the kits that chose no threshold."""
    rng = np.random.default_rng(seed)
    names, kit = np.unique(rows.kits, return_inverse=True)
    kept, precisions, coverages, without = 0, [], [], 0
    for _ in range(repeats):
        chosen = np.isin(kit, rng.permutation(len(names))[: len(names) // 2])
        half = LabellerRows(rows.truth[chosen], rows.predicted[chosen], rows.confidence[chosen], rows.kits[chosen])
        thresholds = rule(half)
        given = ~chosen & (
            rows.confidence >= (np.full(len(CLASSES), np.inf) if thresholds is None else thresholds)[rows.predicted]
        )
        without += thresholds is None
        coverages.append(float(given[~chosen & (rows.truth >= 0)].mean()))
        if not given.any():
            kept += 1
            continue
        precisions.append(float(rows.correct[given].mean()))
        kept += precisions[-1] >= TARGET
    return {
        "kept": kept / repeats,
        "precision_mean": float(np.mean(precisions)) if precisions else None,
        "coverage_mean": float(np.mean(coverages)),
        "without_threshold": without / repeats,
        "repeats": repeats,
        "kits": len(names),
    }


if __name__ == "__main__":
    main()
