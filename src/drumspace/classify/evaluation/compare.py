"""Compare classifiers on clips of kits that none of them was trained on: content of classifiers.json."""

from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from drumspace.classify.evaluation.choice import COMMITTEE, Choice, choose
from drumspace.classify.evaluation.confident_errors import confident_errors
from drumspace.classify.evaluation.figures import first_split_figures, measured_classes, select_test, split_metrics
from drumspace.classify.evaluation.labeller_choice import choose_labeller
from drumspace.classify.evaluation.predictions import labels_and_probs
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.metrics.classification.contract import (
    BestPerSplit,
    ClassifierMetrics,
    CommitteeMetrics,
    LabellerMetrics,
    MissingFigures,
    ModelMetrics,
    Pairs,
)
from drumspace.metrics.classification.pairs import all_pairs

Tables = dict[str, pd.DataFrame]
Configs = dict[str, dict[str, Any]]

ORIGIN = ("weights", "weights_reason", "trainable", "parameters", "note")
"""Keys of a model's config.json that its figures repeat."""


@dataclass(frozen=True)
class Comparison:
    """Results of a comparison."""

    metrics: ClassifierMetrics
    committee: dict[str, Any] | None
    """Members and temperature of the committee; None without validation clips."""
    votes: pd.DataFrame | None
    """The committee's predictions, in the form of a model's."""
    best: LabellerMetrics
    """Configuration of `drumspace label`: a model or the committee, and its threshold."""


def compare(tables: Tables, configs: Configs, classes: list[str], params: CompareParams) -> Comparison:
    """Compare models on clips of kits that none of them was trained on.

    tables: for each trained model, rows of clip_id, split, part (see `predictions`), kit, label, a probability a class
    and that of `other`; configs: config.json of every model, with the reason under `not_run` if it was not trained.
    Scores are of the first split's test part; `splits` has means over all splits of a model. The best model, the
    committee and the threshold are chosen on validation parts. A figure of too few clips is None, with its reason
    under `not_measured`.
    """
    most_splits = max(tables.values(), key=lambda table: table["split"].nunique())
    measured = measured_classes(most_splits[most_splits["part"] == "test"], classes, params.min_test_per_class)
    choice = choose(tables, classes, params)
    missing = _not_measured(measured, classes, choice, params)
    if len(measured) < 2:
        measured = []
    everything = tables if choice.votes is None else {**tables, COMMITTEE: choice.votes}
    labeller = choose_labeller(everything, choice, classes, params)
    errors = confident_errors(labeller["model"], everything, classes, params.confident_errors) if choice.best else []
    metrics: ClassifierMetrics = {
        "models": _models(tables, configs, classes, measured, params),
        "committee": _committee(choice, configs, classes, measured, params),
        "best": choice.best[0] if choice.best else None,
        "splits": {name: split_metrics(table, classes, measured) for name, table in everything.items()},
        "best_per_split": _best_per_split(tables, choice, classes, measured),
        "classes": measured,
        "pairs": _pairs(everything, classes, measured),
        "label": labeller,
        "confident_errors": errors,
        "not_measured": missing,
        "not_run": {name: config["not_run"] for name, config in configs.items() if "not_run" in config},
    }
    seats = {"members": choice.members[0], "temperature": choice.temperatures[0]} if choice.members else None
    return Comparison(metrics, seats, choice.votes, labeller)


def _not_measured(
    measured: list[str], classes: list[str], choice: Choice, params: CompareParams
) -> list[MissingFigures]:
    scarce = f"fewer than {params.min_test_per_class} labelled clips of kits kept for testing"
    missing: list[MissingFigures] = [
        {"what": f"class {name}", "why": scarce} for name in classes if name not in measured
    ]
    if len(measured) < 2:
        missing.append({"what": "every classifier", "why": "fewer than two classes can be tested"})
    if not choice.best:
        missing += [
            {"what": what, "why": "no labelled clips were left for validation"}
            for what in ("the committee", "the best model")
        ]
    return missing


def _models(
    tables: Tables, configs: Configs, classes: list[str], measured: list[str], params: CompareParams
) -> dict[str, ModelMetrics]:
    models = {}
    for name, table in tables.items():
        origin = {key: configs[name].get(key) for key in ORIGIN}
        models[name] = cast(ModelMetrics, {**first_split_figures(table, classes, measured, params), **origin})
    return models


def _committee(
    choice: Choice, configs: Configs, classes: list[str], measured: list[str], params: CompareParams
) -> CommitteeMetrics | None:
    if choice.votes is None:
        return None
    members = choice.members[0]
    figures = first_split_figures(choice.votes, classes, measured, params)
    origin = _common_origin([configs[name] for name in members])
    return cast(CommitteeMetrics, {**figures, **origin, "members": members})


def _common_origin(configs: list[dict[str, Any]]) -> dict[str, Any]:
    """Origin of a committee: the values that its members share, or "mixed"; parameters are summed."""
    origin: dict[str, Any] = {"parameters": sum(config["parameters"] for config in configs)}
    for key in ("weights", "trainable"):
        values = {config.get(key) for config in configs}
        origin[key] = values.pop() if len(values) == 1 else "mixed"
    reasons = {config.get("weights_reason") for config in configs} - {None, "", "trained from scratch"}
    return {**origin, "weights_reason": "; ".join(sorted(map(str, reasons))) or None}


def _best_per_split(tables: Tables, choice: Choice, classes: list[str], measured: list[str]) -> BestPerSplit | None:
    if not choice.best:
        return None
    rows = pd.concat([tables[name][tables[name]["split"] == split] for split, name in enumerate(choice.best)])
    return {**split_metrics(rows, classes, measured), "models": choice.best, "committees": choice.members}


def _pairs(tables: Tables, classes: list[str], measured: list[str]) -> Pairs:
    correct, kits = {}, np.empty(0, str)
    for name, table in tables.items():
        test = select_test(table, measured).sort_values("clip_id")
        truth, probs = labels_and_probs(test, classes)
        correct[name], kits = probs.argmax(axis=1) == truth, test["kit"].to_numpy(str)
    rows = [asdict(pair) for pair in all_pairs(correct, kits)] if len(kits) else []
    return cast(Pairs, {"n": len(kits), "kits": len(np.unique(kits)), "rows": rows})
