"""Published weights compared with random ones, all else equal.

    python -m benchmarks.classify.pretrained WORK [--models …] [--out reports/benchmarks/corpus/pretrained.json]

WORK is a folder in which the pipeline has run, such as that of `make bench`; its settings and its first split are
used. Each network is trained twice as a whole, and twice with a frozen trunk (head only). Predictions of models that
the run itself has trained from published weights are reused.
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
    results: dict[str, Any] = read_json(arguments.out) if arguments.out.exists() else {}
    data = run.data
    train, validation, test = (data.rows(0, part) for part in ("train", "validation", "test"))
    unseen = np.concatenate([test, data.rows(0, "test_rest")])
    for name in arguments.models:
        published = read_json(arguments.work / "models" / "weights" / f"{name}.json")
        if published["weights"] == "random":
            sys.exit(f"{name} has no published weights in {arguments.work}: {published['reason']}.")
        for trainable in ("head", "all"):
            key = f"{name}, {trainable}"
            settings = run.settings(name, trainable=trainable)
            fingerprint = run.key(name, settings.model_dump(), published)
            if results.get(key, {}).get("fingerprint") == fingerprint:
                continue
            start_time = time.perf_counter()
            correct: dict[str, np.ndarray] = {}
            entry: dict[str, Any] = {}
            for weights, manifest in ((published["weights"], published), ("random", {"weights": "random"})):
                if manifest is published and settings == run.settings(name) and run.predictions(name).exists():
                    outputs, outputs_unseen = (run.predicted(name, rows) for rows in (test, unseen))
                else:
                    outputs, outputs_unseen = run.trained(
                        name, settings, manifest, train, [test, unseen], validation, 0
                    )
                correct[weights] = outputs_unseen.argmax(axis=1) == data.labels[unseen]
                entry[weights] = {
                    **scores(outputs, data.labels[test]), "all_unseen": scores(outputs_unseen, data.labels[unseen]),
                }  # fmt: skip
                print(f"{key}, from {weights}: {entry[weights]['accuracy']:.3f}", flush=True)
            first, second = correct.values()
            entry["p_all_unseen"] = mcnemar(int(np.sum(first & ~second)), int(np.sum(second & ~first)))
            entry["seconds"] = time.perf_counter() - start_time
            results[key] = {**entry, "fingerprint": fingerprint, "commit": head()}
            write_json(arguments.out, results)


if __name__ == "__main__":
    main()
