"""Does it matter what a network was trained on before? Published weights beside random ones, else the same.

    python -m benchmarks.classify.pretrained WORK [--models …] [--out reports/benchmarks/corpus/pretrained.json]

WORK is a folder in which the pipeline has run, such as the one `make bench` names; its settings and its first split
are used. Each network twice with all of it trained, and twice with its trunk as it was (the head alone learns). What
the run itself has trained from published weights is read from there.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._lib.git import head
from benchmarks._lib.trained_classifiers import Run, scores
from drumspace.io.json_files import read_json, write_json
from drumspace.metrics.classification.pairs import mcnemar


def main() -> None:
    """Run the benchmark; what --out holds of the same clips, settings and code is not run again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--models", nargs="+", default=["aisfx_cnn9", "efficientnet_lite0"])
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/corpus/pretrained.json"))
    arguments = parser.parse_args()
    run = Run.open(arguments.work)
    found: dict[str, Any] = read_json(arguments.out) if arguments.out.exists() else {}
    data = run.data
    train, validation, test = (data.rows(0, part) for part in ("train", "validation", "test"))
    unheard = np.concatenate([test, data.rows(0, "test_rest")])
    for name in arguments.models:
        published = read_json(arguments.work / "models" / "weights" / f"{name}.json")
        if published["weights"] == "random":
            sys.exit(f"{name} has no published weights in {arguments.work}: {published['reason']}.")
        for trainable in ("head", "all"):
            key = f"{name}, {trainable}"
            settings = run.settings(name, trainable=trainable)
            fingerprint = run.key(name, settings.model_dump(), published)
            if found.get(key, {}).get("fingerprint") == fingerprint:
                continue
            begin = time.perf_counter()
            right: dict[str, np.ndarray] = {}
            entry: dict[str, Any] = {}
            for kind, manifest in ((published["weights"], published), ("random", {"weights": "random"})):
                if manifest is published and settings == run.settings(name) and run.predictions(name).exists():
                    said, of_all = (run.said(name, rows) for rows in (test, unheard))
                else:
                    said, of_all = run.trained(name, settings, manifest, train, [test, unheard], validation, 0)
                right[kind] = of_all.argmax(axis=1) == data.labels[unheard]
                entry[kind] = {
                    **scores(said, data.labels[test]), "all_unseen": scores(of_all, data.labels[unheard]),
                }  # fmt: skip
                print(f"{key}, from {kind}: {entry[kind]['accuracy']:.3f}", flush=True)
            first, second = right.values()
            entry["p_all_unseen"] = mcnemar(int(np.sum(first & ~second)), int(np.sum(second & ~first)))
            entry["seconds"] = time.perf_counter() - begin
            found[key] = {**entry, "fingerprint": fingerprint, "commit": head()}
            write_json(arguments.out, found)


if __name__ == "__main__":
    main()
