"""The comparison of classifiers: from what each said of clips it never saw to classifiers.json."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from drumspace.classify import committee
from drumspace.classify.compare_params import CompareParams
from drumspace.metrics.classification import macro_recall, summary
from drumspace.metrics.pairs import all_pairs
from drumspace.metrics.selective import threshold_for

COMMITTEE = "committee"
FROM_CONFIG = ("weights", "weights_reason", "trainable", "parameters", "note")
SCORES = ("accuracy", "accuracy_ci95", "precision", "recall", "f1", "calibration_error", "n", "confusion")


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
    seats, votes = hold_committee(tables, classes, params)
    if seats is None:
        not_measured.append({"what": "the committee", "why": "no labelled clips were left for validation"})
        not_measured.append({"what": "the best model", "why": "no labelled clips were left for validation"})
    models = {
        name: {**_figures(table, classes, measured, params), **{key: configs[name].get(key) for key in FROM_CONFIG}}
        for name, table in tables.items()
    }
    everyone = tables
    held = None
    if seats is not None and votes is not None:
        everyone = {**tables, COMMITTEE: votes}
        kinds = {configs[name].get("weights") for name in seats["members"]}
        held = {
            **_figures(votes, classes, measured, params),
            "weights": kinds.pop() if len(kinds) == 1 else "mixed",
            "trainable": "all",
            "parameters": sum(configs[name]["parameters"] for name in seats["members"]),
            "members": seats["members"],
        }
    validated = {name: figures["validation"]["macro_recall"] for name, figures in models.items()}
    best = max(validated, key=lambda name: validated[name]) if seats is not None else None
    use = _use(best, validated, held, everyone, classes, params)
    metrics = {
        "models": models,
        "committee": held,
        "best": best,
        "splits": {name: _spread(table, classes, measured) for name, table in everyone.items()},
        "classes": measured,
        "pairs": _pairs(everyone, classes, measured),
        "label": use,
        "confident_errors": confident_errors(use["model"], everyone, classes, params.errors_shown) if best else [],
        "not_measured": not_measured,
    }
    return Comparison(metrics, seats, votes, use)


def measured_classes(test: pd.DataFrame, classes: list[str], minimum: int) -> list[str]:
    """Classes with at least `minimum` test clips in every split."""
    counts = test.groupby(["split", "label"]).size().unstack(fill_value=0)
    return [name for name in classes if name in counts and (counts[name] >= minimum).all()]


def hold_committee(
    tables: dict[str, pd.DataFrame], classes: list[str], params: CompareParams
) -> tuple[dict[str, Any] | None, pd.DataFrame | None]:
    """Members and temperature, and their votes; None where there are no validation clips.

    Candidates are the models trained on at least `committee_splits` splits, as far as there are such.
    """
    wanted = min(params.committee_splits, max(table["split"].nunique() for table in tables.values()))
    candidates = {name: table[table["split"] < wanted] for name, table in tables.items()}
    candidates = {name: table for name, table in candidates.items() if table["split"].nunique() == wanted}
    any_table = next(iter(candidates.values()))
    validation = any_table[any_table["part"] == "validation"]
    truth = {split: _arrays(part, classes)[0] for split, part in _by_split(validation)}
    if len(truth) < wanted:
        return None, None
    known = {
        name: {split: _arrays(part, classes)[1] for split, part in _by_split(table[table["part"] == "validation"])}
        for name, table in candidates.items()
    }
    members = committee.choose(truth, known, params.committee_size)
    parts, temperatures = [], []
    for split in range(wanted):
        temperature = committee.temperature_of(truth[split], [known[name][split] for name in members])
        of_split = [candidates[name][candidates[name]["split"] == split] for name in members]
        said = of_split[0].copy()
        said[classes] = committee.vote([table[classes].to_numpy(dtype=np.float64) for table in of_split], temperature)
        parts.append(said)
        temperatures.append(temperature)
    return {"members": members, "temperature": temperatures[0]}, pd.concat(parts, ignore_index=True)


def confident_errors(
    name: str, tables: dict[str, pd.DataFrame], classes: list[str], count: int
) -> list[dict[str, Any]]:
    """Unheard clips of the first split that `name` called something else with most confidence.

    `agree`: how many of the models (the committee apart) gave that same answer. Many that agree against the label
    put the label in doubt; few, the model.
    """
    table = _unheard(tables[name])
    truth, probabilities = _arrays(table, classes)
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
                "said": answer,
                "confidence": float(probabilities[place].max()),
                "agree": int((answers.loc[clip] == answer).sum()),
                "models": len(models),
            }
        )
    return errors


def _by_split(table: pd.DataFrame) -> list[tuple[int, pd.DataFrame]]:
    return [(int(split), table[table["split"] == split]) for split in sorted(table["split"].unique())]


def _unheard(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["split"] == 0) & table["part"].isin(["test", "test_rest"])]


def _arrays(table: pd.DataFrame, classes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    index = {name: number for number, name in enumerate(classes)}
    return table["label"].map(index).to_numpy(dtype=np.int64), table[classes].to_numpy(dtype=np.float64)


def _figures(table: pd.DataFrame, classes: list[str], measured: list[str], params: CompareParams) -> dict[str, Any]:
    first = table[table["split"] == 0]
    test = first[(first["part"] == "test") & first["label"].isin(measured)]
    scores: dict[str, Any] = dict.fromkeys(SCORES)
    if len(test):
        scores = summary(*_arrays(test, classes), params.resamples, params.seed)
    unseen = _unheard(table)
    return {
        **scores,
        "n": len(test),
        "validation": _brief(first[first["part"] == "validation"], classes),
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


def _pairs(tables: dict[str, pd.DataFrame], classes: list[str], measured: list[str]) -> dict[str, Any]:
    right, n = {}, 0
    for name, table in tables.items():
        test = table[(table["split"] == 0) & (table["part"] == "test") & table["label"].isin(measured)]
        truth, probabilities = _arrays(test.sort_values("clip_id"), classes)
        right[name], n = probabilities.argmax(axis=1) == truth, len(test)
    return {"n": n, "rows": [asdict(pair) for pair in all_pairs(right)] if n else []}


def _use(
    best: str | None,
    validated: dict[str, float],
    held: dict[str, Any] | None,
    tables: dict[str, pd.DataFrame],
    classes: list[str],
    params: CompareParams,
) -> dict[str, Any]:
    nothing = {"model": best, "abstain_below": None, "precision": None, "coverage": None, "n": 0, "unheard": None}
    if best is None or held is None:
        return {**nothing, "model": next(iter(tables))}
    name = COMMITTEE if held["validation"]["macro_recall"] >= validated[best] else best
    table = tables[name]
    validation = table[(table["split"] == 0) & (table["part"] == "validation")]
    truth, probabilities = _arrays(validation, classes)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    threshold = threshold_for(params.precision, confidence, right)
    return {
        "model": name,
        "abstain_below": threshold,
        **_answered(validation, threshold, classes),
        "unheard": _answered(_unheard(table), threshold, classes),
    }


def _answered(table: pd.DataFrame, threshold: float | None, classes: list[str]) -> dict[str, Any]:
    """Of these clips: the share that is answered from the threshold on, and the share of the answers that is right."""
    truth, probabilities = _arrays(table, classes)
    given = probabilities.max(axis=1) >= (threshold if threshold is not None else 2)
    right = probabilities.argmax(axis=1) == truth
    return {
        "precision": float(right[given].mean()) if given.any() else None,
        "coverage": float(given.mean()) if len(table) else None,
        "n": len(table),
    }


def _brief(table: pd.DataFrame, classes: list[str]) -> dict[str, Any]:
    if table.empty:
        return {"accuracy": None, "macro_recall": None, "n": 0}
    truth, probabilities = _arrays(table, classes)
    predicted = probabilities.argmax(axis=1)
    return {
        "accuracy": float(np.mean(predicted == truth)),
        "macro_recall": macro_recall(truth, predicted),
        "n": len(table),
    }
