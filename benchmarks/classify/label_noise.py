"""What wrong labels cost, and what cleaning them brings, on a corpus whose labels come from file names.

    python -m benchmarks.classify.label_noise WORK [--without dough-amiga]

WORK is a folder in which the pipeline has run, such as the one `make bench` names. For each split: train on all, on
all but the sources of --without, and on both without the labels that confident learning doubts (cross-validated by
kit, on the training part alone). The test part is never cleaned. Beside each cleaned set, one from which as many
clips were dropped at random.
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
from drumspace.classify.evaluation.label_issues import crossed, issues
from drumspace.dataset.access.groups import connected_groups
from drumspace.io.json_files import read_json, write_json

FOLDS = 5
MODELS: dict[str, dict[str, Any]] = {"svm": {}, "aisfx_cnn9": {"trainable": "head", "training": {"steps": 600}}}
"""Both learn in seconds: the sound-effects network keeps its trunk as it was published."""


Train = Callable[..., list[np.ndarray]]
"""(rows to fit to, arrays of rows to ask, validation rows, seed) → logits of each."""


def kinds(run: Run, train: Train, rows: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Training rows as they are, cleaned, and with as many dropped at random."""
    catalog, labels = run.data.catalog.iloc[rows], run.data.labels[rows]

    def fold(fitted: np.ndarray, asked: np.ndarray) -> np.ndarray:
        return train(rows[fitted], [rows[asked]], rows[:0], seed)[0]

    groups = connected_groups(catalog["kit"].to_numpy(), catalog["duplicate_group"].to_numpy())
    doubted, _ = issues(labels, crossed(labels, groups, FOLDS, seed, fold))
    dropped = np.random.default_rng(seed).choice(len(rows), len(doubted), replace=False)
    return {
        "as they are": rows,
        "cleaned": np.delete(rows, doubted),
        "as many dropped at random": np.delete(rows, dropped),
    }


def study(run: Run, train: Train, without: np.ndarray, name: str) -> dict[str, Any]:
    """Every cell of the study for one model; `without`: bool, the rows of the noisy sources."""
    results: dict[str, list[dict[str, Any]]] = {}
    data = run.data
    for repeat in range(data.repeats):
        everything, validation, test = (data.rows(repeat, part) for part in ("train", "validation", "test"))
        unheard = np.concatenate([test, data.rows(repeat, "test_rest")])
        for title, rows in (("all", everything), ("without", everything[~without[everything]])):
            for kind, kept in kinds(run, train, rows, repeat).items():
                said, of_all = train(kept, [test, unheard], validation, repeat)
                entry = scores(said, data.labels[test])
                entry |= {"all_unseen": scores(of_all, data.labels[unheard]), "trained_on": len(kept)}
                results.setdefault(f"{title}, {kind}", []).append(entry)
                print(f"{name} split {repeat}, {title}, {kind}: {entry['accuracy']:.3f}", flush=True)
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
    former = read_json(arguments.out)["models"] if arguments.out.exists() else {}
    models: dict[str, Any] = {}
    for name, changes in MODELS.items():
        manifest = read_json(arguments.work / "models" / "weights" / f"{name}.json")
        settings = run.settings(name, **changes)
        fingerprint = run.key(name, settings.model_dump(), manifest, arguments.without, FOLDS)
        models[name] = former.get(name, {})
        if models[name].get("fingerprint") != fingerprint:
            begin = time.perf_counter()
            cells = study(run, partial(run.trained, name, settings, manifest), noisy, name)
            models[name] = {
                "cells": cells, "seconds": time.perf_counter() - begin, "fingerprint": fingerprint,
                "commit": head(),
            }  # fmt: skip
        write_json(arguments.out, {"without": arguments.without, "models": models})
    for name, table in models.items():
        for title, figures in table["cells"].items():
            print(f"{name:12} {title:36} {figures['accuracy_mean']:.3f} ± {figures['accuracy_sd']:.3f}")


if __name__ == "__main__":
    main()
