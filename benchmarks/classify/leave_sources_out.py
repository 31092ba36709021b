"""Leave-sources-out cross-validation: every labelled clip is predicted by a model that saw nothing of its source.

    python -m benchmarks.classify.leave_sources_out WORK [--models NAME …] [--folds N …] [--variant NAME]
                                                         [--change KEY=VALUE …]

WORK is a folder in which the pipeline has run up to `weights` on a corpus, such as that of `make bench`. Five folds of
whole sources; the sources of --never-tested are trained on alone. Predictions of each training go to
reports/benchmarks/corpus/leave_sources_out/VARIANT/, so that a run that was stopped goes on where it was, and figures
can be computed from them again. --change replaces settings of the models: training.steps=400. Figures of all variants
go to reports/benchmarks/corpus/leave_sources_out.json: intervals resample kits, and p values are those of a
permutation by kit against the best model, adjusted by Holm for the models above the first one of --models.
"""

import argparse
import time
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from sklearn.metrics import roc_auc_score

from benchmarks._lib.git import head
from benchmarks._lib.source_folds import Fold, assign_sources, make_fold
from benchmarks._lib.trained_classifiers import Run
from drumspace.classify.evaluation import committee
from drumspace.classify.evaluation.labeller_choice import coverage_of
from drumspace.classify.evaluation.labeller_rows import LabellerRows
from drumspace.classify.training.fit_calibration import calibrate
from drumspace.classify.training.other_sounds import NONE, other_sounds
from drumspace.classify.training.settings import RejectionParams
from drumspace.io.json_files import read_json, write_json
from drumspace.io.parquet import write_parquet
from drumspace.io.settings import load
from drumspace.metrics.classification.abstention_threshold import class_thresholds
from drumspace.metrics.classification.by_kit import kit_intervals, permutation_by_kit
from drumspace.metrics.classification.classification import macro_recall
from drumspace.metrics.classification.pairs import holm
from drumspace.taxonomy import CLASSES

OUT = Path(__file__).parents[2] / "reports" / "benchmarks" / "corpus" / "leave_sources_out"
FOLDS = 5
MODELS = ["svm", "cnn_raw_spec", "aisfx_cnn9"]
RESAMPLES = 2000
TARGET_PRECISION = 0.95
BEFORE, AFTER = "as_set", "rejecting"
"""Variants whose models are `before` and `models` in the file."""
MEMBERS = 5
"""Members of a committee, at most."""
PARTS = ("validation", "validation_other", "test", "other")
"""Parts of a fold that a model predicts."""
VARIANT_KEYS = ("others", "refit")
"""Keys of --change that are no settings of a model: others=false trains on clips of the classes alone; refit=true
predicts the test by a model that is trained on the validation clips, too."""


def main() -> None:
    """Train what is missing, and write the figures."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("work", type=Path)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--folds", nargs="+", type=int, default=list(range(FOLDS)))
    parser.add_argument("--variant", default="as_set")
    parser.add_argument("--change", nargs="+", default=[], metavar="KEY=VALUE")
    parser.add_argument("--never-tested", nargs="+", default=["dough-amiga"])
    arguments = parser.parse_args()
    run = Run.open(arguments.work)
    labels, truth = run.data.labels, true_labels(run.data.catalog)
    tested = (truth >= 0) & ~run.data.catalog["source"].isin(arguments.never_tested).to_numpy()
    fold_of = assign_sources(run.data.catalog["source"].to_numpy(str)[tested], truth[tested], FOLDS)
    for fold in arguments.folds:
        rows = make_fold(run.data.catalog, labels, truth, fold_of, fold, seed=fold)
        for name in arguments.models:
            predict(run, name, rows, fold, OUT / arguments.variant, nested(arguments.change))
    write_json(OUT.with_suffix(".json"), figures(run, fold_of, arguments.models[0]))


def true_labels(catalog: pd.DataFrame) -> np.ndarray:
    """Class index that the corpus itself gives each clip, -1 for none: int [n]."""
    index = {label: number for number, label in enumerate(CLASSES)}
    return catalog["truth"].map(index).fillna(-1).to_numpy(dtype=np.int64)


def nested(changes: list[str]) -> dict[str, Any]:
    """Settings from KEY=VALUE: training.steps=400 → {training: {steps: 400}}."""
    result: dict[str, Any] = {}
    for change in changes:
        key, _, value = change.partition("=")
        *parents, last = key.split(".")
        level = result
        for parent in parents:
            level = level.setdefault(parent, {})
        level[last] = YAML(typ="safe").load(value)
    return result


def predict(run: Run, name: str, fold: Fold, number: int, folder: Path, changes: dict[str, Any]) -> None:
    """Train the model `name` on a fold and write its predictions, unless they are there for the same inputs."""
    manifest = read_json(run.work / "models" / "weights" / f"{name}.json")
    rejection = load(run.work / "params.yaml", "classify.rejection", RejectionParams)
    model_changes = {key: value for key, value in changes.items() if key not in VARIANT_KEYS}
    settings = run.settings(name, **model_changes)
    fingerprint = run.key(
        name, settings.model_dump(), manifest, changes, [rows.tolist() for rows in vars(fold).values()]
    )
    index = read_json(folder / "index.json") if (folder / "index.json").exists() else {}
    key = f"{name}.{number}"
    if index.get(key, {}).get("fingerprint") == fingerprint:
        return
    start = time.perf_counter()
    others = NONE if changes.get("others") is False else other_sounds(fold.train_other, rejection, run.audio)
    queries = {part: getattr(fold, part) for part in PARTS}
    train = partial(run.trained, name, settings, manifest, seed=number, others=others)
    outputs = train(fold.train, [*queries.values()], fold.validation)
    labels = run.data.labels
    held_out = np.concatenate([fold.validation, fold.validation_other])
    calibration = calibrate(np.concatenate(outputs[:2]), labels[held_out], labels[fold.train], len(CLASSES))
    if changes.get("refit"):
        every = np.concatenate([fold.train, fold.validation])
        outputs[2:] = train(every, [fold.test, fold.other], fold.validation[:0])
    tables = []
    for (part, rows), values in zip(queries.items(), outputs, strict=True):
        probs = calibration.probabilities(values, len(CLASSES))
        table = pd.DataFrame(probs.classes.astype(np.float32).round(4), columns=list(CLASSES))
        table["none"] = probs.other.astype(np.float32).round(4)
        table.insert(0, "path", run.data.catalog["path"].to_numpy()[rows])
        table.insert(1, "part", part)
        tables.append(table)
    folder.mkdir(parents=True, exist_ok=True)
    write_parquet(folder / f"{key}.parquet", pd.concat(tables, ignore_index=True))
    seconds = round(time.perf_counter() - start, 1)
    index[key] = {"fingerprint": fingerprint, "commit": head(), "seconds": seconds, "changes": changes}
    write_json(folder / "index.json", index)
    correct = tables[2][list(CLASSES)].to_numpy().argmax(axis=1) == true_labels(run.data.catalog)[fold.test]
    print(f"{folder.name}: {name}, fold {number}: accuracy {correct.mean():.3f}, {seconds:.0f} s", flush=True)


def read(run: Run, folder: Path) -> dict[str, dict[int, pd.DataFrame]]:
    """Predictions of each model and fold, with the columns kit and truth (class index)."""
    catalog = run.data.catalog.assign(
        true=true_labels(run.data.catalog), trained=run.data.labels
    ).set_index("path")[["kit", "true", "trained"]]  # fmt: skip
    tables: dict[str, dict[int, pd.DataFrame]] = {}
    for path in sorted(folder.glob("*.parquet")):
        name, _, number = path.stem.rpartition(".")
        table = pd.read_parquet(path).join(catalog, on="path")
        table["truth"] = np.where(table["part"] == "validation", table["trained"], table["true"])
        table.loc[table["part"].isin(["validation_other", "other"]), "truth"] = -1
        if "none" not in table:  # a variant that does not reject
            table["none"] = 0.0
        tables.setdefault(name, {})[int(number)] = table
    return tables


def figures(run: Run, fold_of: dict[str, int], baseline: str) -> dict[str, Any]:
    """Content of leave_sources_out.json from all predictions that are there.

    `before` has the models of the variant BEFORE, `models` those of AFTER, and `other` the rejection of its best model.
    """
    variants: dict[str, Any] = {}
    for folder in sorted(path for path in OUT.iterdir() if path.is_dir()):
        tables = read(run, folder)
        whole = {name: by_fold for name, by_fold in tables.items() if len(by_fold) == FOLDS}
        if len(whole) > 1:
            tables["committee"] = votes(whole)
        variants[folder.name] = {
            "models": {name: scores(by_fold) for name, by_fold in tables.items()},
            "differences": differences(tables, baseline),
        }
    before, after = (variants.get(name, {}).get("models", {}) for name in (BEFORE, AFTER))
    complete = {name: entry for name, entry in after.items() if len(entry["by_fold"]) == FOLDS}
    best = max(complete, key=lambda name: complete[name]["macro_recall"], default=None)
    return {
        "models": after,
        "before": before,
        "other": {"model": best, **complete[best]["labeller"], "auroc": complete[best]["other_auroc"]}
        if best
        else None,
        "variants": variants,
        "sources": fold_of,
    }


def votes(tables: dict[str, dict[int, pd.DataFrame]]) -> dict[int, pd.DataFrame]:
    """Predictions of a committee, whose members each fold chooses on its own validation clips."""
    result = {}
    for number in range(FOLDS):
        fold = {name: by_fold[number] for name, by_fold in tables.items()}
        validation = {name: table[table["part"] == "validation"] for name, table in fold.items()}
        truth = next(iter(validation.values()))["truth"].to_numpy()
        probabilities = {name: probs(table) for name, table in validation.items()}
        members = committee.choose(truth, probabilities, MEMBERS)
        temperature = committee.temperature_of(truth, [probabilities[name] for name in members])
        table = fold[members[0]].copy()
        table[list(CLASSES)] = committee.vote([probs(fold[name]) for name in members], temperature)
        table["none"] = np.mean([fold[name]["none"].to_numpy(np.float64) for name in members], axis=0)
        result[number] = table
    return result


def probs(table: pd.DataFrame) -> np.ndarray:
    """Probabilities [n, C]."""
    return table[list(CLASSES)].to_numpy(np.float64)


def scores(by_fold: dict[int, pd.DataFrame]) -> dict[str, Any]:
    """Accuracy and macro recall on all folds that are there, with intervals by kit, and the recall of each class."""
    table = pd.concat(list(by_fold.values()))
    test, other = table[table["part"] == "test"], table[table["part"] == "other"]
    truth, predicted, kits = test["truth"].to_numpy(), probs(test).argmax(axis=1), test["kit"].to_numpy(str)
    intervals = kit_intervals(truth, predicted, kits, RESAMPLES, 0)
    confidence = np.concatenate([labeller_rows(part).confidence for part in (test, other)])
    return {
        "accuracy": float(np.mean(truth == predicted)),
        "accuracy_ci95": intervals["accuracy_ci95"],
        "macro_recall": macro_recall(truth, predicted),
        "macro_recall_ci95": intervals["recall_ci95"],
        "recall": {CLASSES[index]: float(np.mean(predicted[truth == index] == index)) for index in np.unique(truth)},
        "by_fold": {str(fold): accuracy(rows) for fold, rows in by_fold.items()},
        "other_auroc": float(roc_auc_score(np.arange(len(confidence)) < len(test), confidence)) if len(other) else None,
        "labeller": selective(by_fold),
        "n": len(test),
        "n_other": len(other),
        "kits": len(np.unique(kits)),
    }


def labeller_rows(table: pd.DataFrame) -> LabellerRows:
    """Rows of predictions as the labeller uses them."""
    confidence = probs(table).max(axis=1) * (1 - table["none"].to_numpy(np.float64))
    truth = table["truth"].to_numpy(np.int64)
    return LabellerRows(truth, probs(table).argmax(axis=1), confidence, table["kit"].to_numpy(str))


def selective(by_fold: dict[int, pd.DataFrame]) -> dict[str, Any]:
    """Coverage and precision on the tested sources, at thresholds that each fold chooses on its validation kits."""
    tested, thresholds = [], []
    for table in by_fold.values():
        is_validation = table["part"].str.startswith("validation")
        rows = labeller_rows(table[is_validation]).of_classes()
        values = class_thresholds(
            TARGET_PRECISION, rows.confidence, rows.predicted, rows.correct, rows.kits, len(CLASSES)
        )  # fmt: skip
        rows = labeller_rows(table[~is_validation])
        tested.append(rows)
        thresholds.append((np.full(len(CLASSES), np.inf) if values is None else values)[rows.predicted])
    pooled = LabellerRows(*(np.concatenate(arrays) for arrays in zip(*map(astuple, tested), strict=True)))
    given = pooled.confidence >= np.concatenate(thresholds)
    return {**coverage_of(pooled, given), "folds_without_threshold": sum(bool(np.isinf(t).all()) for t in thresholds)}


def accuracy(table: pd.DataFrame) -> float:
    """Accuracy on the test clips of a fold."""
    test = table[table["part"] == "test"]
    return float(np.mean(probs(test).argmax(axis=1) == test["truth"].to_numpy()))


def differences(tables: dict[str, dict[int, pd.DataFrame]], baseline: str) -> dict[str, Any]:
    """Each model against the best one on all folds: p by permutation of kits, Holm over the models above the first."""
    correct, kits = {}, np.empty(0)
    for name, by_fold in tables.items():
        if len(by_fold) == FOLDS:
            table = pd.concat([by_fold[fold] for fold in range(FOLDS)])
            test = table[table["part"] == "test"].sort_values("path")
            correct[name], kits = probs(test).argmax(axis=1) == test["truth"].to_numpy(), test["kit"].to_numpy(str)
    if len(correct) < 2:
        return {}
    best = max(correct, key=lambda name: correct[name].mean())
    least = correct[baseline].mean() if baseline in correct else -1
    rivals = [name for name in correct if name != best and correct[name].mean() > least]
    p = {name: permutation_by_kit(correct[best], correct[name], kits) for name in correct if name != best}
    adjusted = dict(zip(rivals, holm([p[name] for name in rivals]), strict=True))
    return {"best": best, "p": p, "p_holm": adjusted}


if __name__ == "__main__":
    main()
