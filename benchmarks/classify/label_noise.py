"""Effect of wrong labels, and of cleaning them, on a corpus whose labels come from file names.

    python -m benchmarks.classify.label_noise WORK [--without dough-amiga]

WORK is a folder in which the pipeline has run, such as that of `make bench`. For each split, models are trained on all
clips, on all but the sources of --without, and on both without the labels in doubt by confident learning
(cross-validated by kit, on the training part alone). The test part is never cleaned. As a control, the same number of
clips is dropped at random.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._lib.git import head
from benchmarks._lib.trained_classifiers import Run, scores, spread
from drumspace.classify.evaluation.label_issues import cross_val_predict, rank_label_issues
from drumspace.dataset.access.groups import connected_groups
from drumspace.io.json_files import read_json, write_json

FOLDS = 5
MODELS: dict[str, dict[str, Any]] = {"svm": {}, "aisfx_cnn9": {"trainable": "head", "training": {"steps": 600}}}
"""Models that train in seconds: the trunk of the sound-effects network is frozen."""


Train = Callable[..., list[np.ndarray]]
"""(training rows, arrays of rows to classify, validation rows, seed) → logits of each array."""


def training_rows(run: Run, train: Train, rows: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Training rows unchanged, cleaned, and with the same number dropped at random."""
    catalog, labels = run.data.catalog.iloc[rows], run.data.labels[rows]

    def fold(fitted: np.ndarray, query: np.ndarray) -> np.ndarray:
        return train(rows[fitted], [rows[query]], rows[:0], seed)[0]

    groups = connected_groups(catalog["kit"].to_numpy(), catalog["duplicate_group"].to_numpy())
    in_doubt, _ = rank_label_issues(labels, cross_val_predict(labels, groups, FOLDS, seed, fold))
    dropped = np.random.default_rng(seed).choice(len(rows), len(in_doubt), replace=False)
    return {
        "as they are": rows,
        "cleaned": np.delete(rows, in_doubt),
        "as many dropped at random": np.delete(rows, dropped),
    }


def study(run: Run, train: Train, without: np.ndarray, name: str) -> dict[str, Any]:
    """All cells for one model. without: bool [n], rows of the sources with noisy labels."""
    results: dict[str, list[dict[str, Any]]] = {}
    data = run.data
    for repeat in range(data.repeats):
        train_rows, validation, test = (data.rows(repeat, part) for part in ("train", "validation", "test"))
        unseen = np.concatenate([test, data.rows(repeat, "test_rest")])
        for title, rows in (("all", train_rows), ("without", train_rows[~without[train_rows]])):
            for cleaning, kept in training_rows(run, train, rows, repeat).items():
                logits, logits_unseen = train(kept, [test, unseen], validation, repeat)
                entry = scores(logits, data.labels[test])
                entry |= {"all_unseen": scores(logits_unseen, data.labels[unseen]), "trained_on": len(kept)}
                results.setdefault(f"{title}, {cleaning}", []).append(entry)
                print(f"{name} split {repeat}, {title}, {cleaning}: {entry['accuracy']:.3f}", flush=True)
    return {title: spread(rows) for title, rows in results.items()}


def main() -> None:
    """Run the benchmark; a model that --out holds for the same clips, settings and code is not run again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--without", nargs="+", default=["dough-amiga"])
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/corpus/label_noise.json"))
    arguments = parser.parse_args()
    run = Run.open(arguments.work)
    noisy = run.data.catalog["source"].isin(arguments.without).to_numpy()
    previous = read_json(arguments.out)["models"] if arguments.out.exists() else {}
    models: dict[str, Any] = {}
    for name, changes in MODELS.items():
        manifest = read_json(arguments.work / "models" / "weights" / f"{name}.json")
        settings = run.settings(name, **changes)
        fingerprint = run.key(name, settings.model_dump(), manifest, arguments.without, FOLDS)
        models[name] = previous.get(name, {})
        if models[name].get("fingerprint") != fingerprint:
            start_time = time.perf_counter()
            cells = study(run, partial(run.trained, name, settings, manifest), noisy, name)
            models[name] = {
                "cells": cells, "seconds": time.perf_counter() - start_time, "fingerprint": fingerprint,
                "commit": head(),
            }  # fmt: skip
        write_json(arguments.out, {"without": arguments.without, "models": models})
    for name, table in models.items():
        for title, figures in table["cells"].items():
            print(f"{name:12} {title:36} {figures['accuracy_mean']:.3f} ± {figures['accuracy_sd']:.3f}")


if __name__ == "__main__":
    main()
