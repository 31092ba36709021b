"""Classifiers on degraded clips: pitch, room reverb, MP3, clipping, level, 8 kHz, a late onset.

    python -m benchmarks.classify.robustness WORK [--models …] [--out reports/benchmarks/corpus/robustness.json]

WORK is a folder in which the pipeline has run; its models and the unseen clips of its first split are used. The clips
are degraded as the models get them: `drumspace label` itself trims a sound to its onset and normalises its peak, so a
late onset and a low level stand for sounds in which that fails. Intervals are by a bootstrap over kits.
"""

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks._lib.degradations import CLEAN, CONDITIONS, degrade
from benchmarks._lib.git import head
from drumspace.classify.evaluation.predictions import UNSEEN
from drumspace.classify.inference.labeller import Labeller, load_labeller
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.io.json_files import write_json
from drumspace.metrics.classification.by_kit import kit_intervals, ratio_interval
from drumspace.metrics.classification.classification import macro_recall

Predict = Callable[[np.ndarray], np.ndarray]
"""Clips, int16 [n, T] → probabilities or logits [n, C]."""
BATCH = 128
RESAMPLES = 2000


def predict_degraded(models: Mapping[str, Predict], pcm: np.ndarray, rate: int) -> dict[str, dict[str, np.ndarray]]:
    """Class index [n] of each clip by model and condition. pcm: int16 [n, T] at `rate` (Hz).

    Models of several folds each predict their own clips; the results are concatenated for `robustness_figures`.
    """
    predicted: dict[str, dict[str, list[np.ndarray]]] = {name: {key: [] for key in CONDITIONS} for name in models}
    starts = range(0, len(pcm), BATCH)
    for condition in tqdm(CONDITIONS, desc="conditions"):
        for start in starts:
            clips = degrade(pcm[start : start + BATCH], condition, rate)
            for name, predict in models.items():
                predicted[name][condition].append(predict(clips).argmax(axis=1))
    return {
        name: {key: np.concatenate(parts) for key, parts in conditions.items()}
        for name, conditions in predicted.items()
    }


def robustness_figures(
    predicted: Mapping[str, np.ndarray], labels: np.ndarray, kits: np.ndarray
) -> dict[str, dict[str, Any]]:
    """Accuracy and macro recall by condition, with intervals by kit and the change against clean clips.

    predicted: class indices [n] by condition; labels: class indices [n]; kits: names [n].
    """
    clean = predicted[CLEAN] == labels
    figures = {}
    for key, values in predicted.items():
        intervals = kit_intervals(labels, values, kits, RESAMPLES, seed=0)
        correct = values == labels
        figures[key] = {
            "accuracy": float(correct.mean()),
            "accuracy_ci95": intervals["accuracy_ci95"],
            "macro_recall": macro_recall(labels, values),
            "macro_recall_ci95": intervals["recall_ci95"],
            "accuracy_change": float(correct.mean() - clean.mean()),
            "accuracy_change_ci95": ratio_interval(
                correct.astype(np.float64) - clean, np.ones(len(labels)), kits, RESAMPLES, seed=0
            ),
            "n": len(labels),
        }
    return figures


def robustness(
    predict: Predict, pcm: np.ndarray, labels: np.ndarray, kits: np.ndarray, rate: int
) -> dict[str, dict[str, Any]]:
    """`robustness_figures` of one model on clips that it was not trained on, int16 [n, T] at `rate` (Hz)."""
    return robustness_figures(predict_degraded({"model": predict}, pcm, rate)["model"], labels, kits)


def class_probabilities(labeller: Labeller, pcm: np.ndarray) -> np.ndarray:
    """Probabilities of the classes, float [n, C]; a common factor of a row does not change its order."""
    return labeller.probabilities(pcm)[0]


def main() -> None:
    """Measure, print, and write JSON where requested."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--models", nargs="+", help="default: all trained models and the committee")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    data = LabelledClips(arguments.work / "data" / "clips", arguments.work / "data" / "splits.parquet")
    rows = np.concatenate([data.rows(0, part) for part in UNSEEN])
    folder = arguments.work / "models"
    trained = sorted(path.parent.name for path in (folder / "classify").glob("*/model.safetensors"))
    labellers = {name: load_labeller(folder, name, 0) for name in arguments.models or [*trained, "committee"]}
    predicted = predict_degraded(
        {name: partial(class_probabilities, labeller) for name, labeller in labellers.items()},
        data.clips[rows],
        next(iter(labellers.values())).audio.sample_rate,
    )
    kits = data.catalog["kit"].to_numpy()[rows]
    models = {name: robustness_figures(values, data.labels[rows], kits) for name, values in predicted.items()}
    width = max(map(len, CONDITIONS))
    for name, conditions in models.items():
        print(
            f"\n{name}, n {len(rows)}, {len(np.unique(kits))} kits: accuracy, macro recall (95 %), change of accuracy"
        )
        for condition, row in conditions.items():
            (low, high), (least, most) = row["accuracy_ci95"], row["macro_recall_ci95"]
            below, above = row["accuracy_change_ci95"]
            print(
                f"{condition:{width}}  {row['accuracy']:.3f} ({low:.3f} to {high:.3f})  "
                f"{row['macro_recall']:.3f} ({least:.3f} to {most:.3f})  "
                f"{row['accuracy_change']:+.3f} ({below:+.3f} to {above:+.3f})"
            )
    if arguments.out:
        write_json(arguments.out, {"models": models, "commit": head()})


if __name__ == "__main__":
    main()
