"""The comparison of classifiers: from what each said of clips it never saw to classifiers.json."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from drumspace.classify.evaluation.choice import COMMITTEE, Choice, arrays, choose, part_of, to_use
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.metrics.classification.classification import macro_recall, summary
from drumspace.metrics.classification.intervals import macro_intervals
from drumspace.metrics.classification.pairs import all_pairs

FROM_CONFIG = ("weights", "weights_reason", "trainable", "parameters", "note")
SCORES = (
    "accuracy", "accuracy_ci95", "precision", "precision_ci95", "recall", "recall_ci95", "f1", "f1_ci95",
    "calibration_error", "n", "confusion",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """What the comparison found."""

    metrics: dict[str, Any]
    """The content of classifiers.json."""
    committee: dict[str, Any] | None
    """Its members and temperature."""
    votes: pd.DataFrame | None
    """The committee's predictions, in the form of a model's."""
    best: dict[str, Any]
    """What `drumspace label` uses: a model or the committee, and the confidence below which it abstains."""


def compare(
    tables: dict[str, pd.DataFrame], configs: dict[str, dict[str, Any]], classes: list[str], params: CompareParams
) -> Comparison:
    """Compare models on clips they never saw.

    tables: for each model, rows of clip_id, split, part (validation, test, test_rest), label and a probability
    a class. The figures are of the first split's test part; `splits` has the mean over all that a model was trained
    on. Every choice (best, committee, threshold) is made on the validation parts. What rests on too few clips is null
    and listed under `not_measured`.
    """
    any_table = max(tables.values(), key=lambda table: table["split"].nunique())
    measured = measured_classes(any_table[any_table["part"] == "test"], classes, params.min_test_per_class)
    not_measured = [
        {
            "what": f"class {name}",
            "why": f"fewer than {params.min_test_per_class} labelled clips of kits kept for testing",
        }
        for name in classes
        if name not in measured
    ]
    if len(measured) < 2:
        measured = []
        not_measured.append({"what": "every classifier", "why": "fewer than two classes can be tested"})
    choice = choose(tables, classes, params)
    if not choice.best:
        not_measured.append({"what": "the committee", "why": "no labelled clips were left for validation"})
        not_measured.append({"what": "the best model", "why": "no labelled clips were left for validation"})
    models = {
        name: {**_figures(table, classes, measured, params), **{key: configs[name].get(key) for key in FROM_CONFIG}}
        for name, table in tables.items()
    }
    everyone, held, seats = tables, None, None
    if choice.votes is not None:
        everyone = {**tables, COMMITTEE: choice.votes}
        members = choice.members[0]
        seats = {"members": members, "temperature": choice.temperatures[0]}
        held = {
            **_figures(choice.votes, classes, measured, params),
            **_of_members([configs[name] for name in members]),
            "members": members,
        }
    best = choice.best[0] if choice.best else None
    use = to_use(everyone, choice, classes, params)
    metrics = {
        "models": models,
        "committee": held,
        "best": best,
        "splits": {name: _spread(table, classes, measured) for name, table in everyone.items()},
        "best_per_split": _chosen(tables, choice, classes, measured),
        "classes": measured,
        "pairs": _pairs(everyone, classes, measured),
        "label": use,
        "confident_errors": confident_errors(use["model"], everyone, classes, params.confident_errors) if best else [],
        "not_measured": not_measured,
    }
    return Comparison(metrics, seats, choice.votes, use)


def measured_classes(test: pd.DataFrame, classes: list[str], minimum: int) -> list[str]:
    """Classes with at least `minimum` test clips in every split."""
    counts = test.groupby(["split", "label"]).size().unstack(fill_value=0)
    return [name for name in classes if name in counts and (counts[name] >= minimum).all()]


def confident_errors(
    name: str, tables: dict[str, pd.DataFrame], classes: list[str], count: int
) -> list[dict[str, Any]]:
    """Unheard clips of the first split that `name` called something else with most confidence.

    `agree`: how many of the models (the committee apart) gave that same answer. Many that agree against the label
    put the label in doubt; few, the model.
    """
    table = _unheard(tables[name])
    truth, probabilities = arrays(table, classes)
    said = probabilities.argmax(axis=1)
    models = {key: other for key, other in tables.items() if key != COMMITTEE}
    answers = pd.DataFrame(
        {key: _unheard(other).set_index("clip_id")[classes].idxmax(axis=1) for key, other in models.items()}
    )
    errors: list[dict[str, Any]] = []
    for place in np.argsort(-probabilities.max(axis=1), kind="stable"):
        if said[place] == truth[place] or len(errors) == count:
            continue
        clip, answer = table["clip_id"].iloc[place], classes[said[place]]
        errors.append(
            {
                "clip_id": clip,
                "label": classes[truth[place]],
                "predicted": answer,
                "confidence": float(probabilities[place].max()),
                "agree": int((answers.loc[clip] == answer).sum()),
                "models": len(models),
            }
        )
    return errors


def _of_members(configs: list[dict[str, Any]]) -> dict[str, Any]:
    """What the committee's row says of where it comes from: what its members have in common, or that they differ."""
    row: dict[str, Any] = {"parameters": sum(config["parameters"] for config in configs)}
    for key in ("weights", "trainable"):
        found = {config.get(key) for config in configs}
        row[key] = found.pop() if len(found) == 1 else "mixed"
    reasons = {config.get("weights_reason") for config in configs} - {None, "", "trained from scratch"}
    return {**row, "weights_reason": "; ".join(sorted(map(str, reasons))) or None}


def _unheard(table: pd.DataFrame) -> pd.DataFrame:
    return part_of(table, 0, "test", "test_rest")


def _figures(table: pd.DataFrame, classes: list[str], measured: list[str], params: CompareParams) -> dict[str, Any]:
    test = part_of(table, 0, "test")
    test = test[test["label"].isin(measured)]
    scores: dict[str, Any] = dict.fromkeys(SCORES)
    if len(test):
        truth, probabilities = arrays(test, classes)
        scores = {
            **summary(truth, probabilities, params.resamples, params.seed),
            **macro_intervals(truth, probabilities.argmax(axis=1), params.resamples, params.seed),
        }
    unseen = _unheard(table)
    return {
        **scores,
        "n": len(test),
        "validation": _brief(part_of(table, 0, "validation"), classes),
        "all_unseen": _brief(unseen[unseen["label"].isin(measured)], classes),
    }


def _spread(table: pd.DataFrame, classes: list[str], measured: list[str]) -> dict[str, Any]:
    """Mean and deviation over splits of the accuracy on the test part, and on all unheard clips."""
    known = table[table["label"].isin(measured)]
    figures: dict[str, Any] = {}
    for prefix, parts in (("", ["test"]), ("all_unseen_", ["test", "test_rest"])):
        asked = known[known["part"].isin(parts)]
        accuracies = [_brief(part, classes)["accuracy"] for _, part in asked.groupby("split")]
        figures[f"{prefix}accuracy_mean"] = float(np.mean(accuracies)) if accuracies else None
        figures[f"{prefix}accuracy_sd"] = float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else None
        figures["n_splits"] = len(accuracies)
    return figures


def _chosen(
    tables: dict[str, pd.DataFrame], choice: Choice, classes: list[str], measured: list[str]
) -> dict[str, Any] | None:
    """What the best single model is worth where each split chooses it on its own validation part."""
    if not choice.best:
        return None
    rows = [tables[name][tables[name]["split"] == split] for split, name in enumerate(choice.best)]
    return {**_spread(pd.concat(rows), classes, measured), "models": choice.best, "committees": choice.members}


def _pairs(tables: dict[str, pd.DataFrame], classes: list[str], measured: list[str]) -> dict[str, Any]:
    right, n = {}, 0
    for name, table in tables.items():
        test = part_of(table, 0, "test")
        test = test[test["label"].isin(measured)]
        truth, probabilities = arrays(test.sort_values("clip_id"), classes)
        right[name], n = probabilities.argmax(axis=1) == truth, len(test)
    return {"n": n, "rows": [asdict(pair) for pair in all_pairs(right)] if n else []}


def _brief(table: pd.DataFrame, classes: list[str]) -> dict[str, Any]:
    if table.empty:
        return {"accuracy": None, "macro_recall": None, "n": 0}
    truth, probabilities = arrays(table, classes)
    predicted = probabilities.argmax(axis=1)
    return {
        "accuracy": float(np.mean(predicted == truth)),
        "macro_recall": macro_recall(truth, predicted),
        "n": len(table),
    }
