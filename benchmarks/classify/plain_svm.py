"""Difficulty of the splits: `svm` and a plain SVM on the same kits, and on random kits.

    python -m benchmarks.classify.plain_svm WORK [--repeats 16] [--out reports/benchmarks/corpus/plain_svm.json]

WORK is a folder in which the pipeline has run, such as that of `make bench`. The plain SVM has log-mel of 64 bands
and 20 MFCC, averaged over 12 segments, 120 principal components, an RBF kernel, C 10 and balanced classes. It is
compared with the same SVM on the inputs of `svm`; both vote one class against one, where `svm` itself has one machine
per class. Both are trained on the train part only. A random draw adds kits to the test until each class has its test
clips, then draws these clips, and trains on all other kits, with and without near-duplicates of test clips. Sources
that the splits never test are not drawn.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch.nn.functional import adaptive_avg_pool1d
from tqdm import tqdm

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.transforms import cepstrum, mel_spectrogram, to_wave
from drumspace.classify.models.svm import Settings, build
from drumspace.dataset.access.clips import Clips
from drumspace.dataset.splits.settings import SplitParams
from drumspace.io.json_files import write_json
from drumspace.io.settings import load
from drumspace.taxonomy import CLASSES

LARGEST_KIT = 500
"""Kits with more labelled clips are never drawn: one would fill the whole test part."""


def pooled(clips: Clips, rows: np.ndarray, audio: AudioParams, settings: Settings) -> dict[str, np.ndarray]:
    """Features of both SVMs, float32 [len(rows), d]."""
    machine = build(settings, audio.sample_rate, audio.num_samples, len(CLASSES))
    parts: dict[str, list[np.ndarray]] = {"ours": [], "plain": []}
    for start in tqdm(range(0, len(rows), 256), desc="features", unit="batch"):
        wave = to_wave(clips[rows[start : start + 256]])
        mel = mel_spectrogram(wave, audio.sample_rate, settings.mel)
        plain = [adaptive_avg_pool1d(values, 12).flatten(1) for values in (mel, cepstrum(mel, 20))]
        parts["ours"].append(machine.embed(wave).numpy())
        parts["plain"].append(torch.cat(plain, dim=1).numpy())
    return {name: np.concatenate(part) for name, part in parts.items()}


def accuracy(features: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    """Accuracy of the same SVM on given features."""
    machine = make_pipeline(StandardScaler(), PCA(120, random_state=0), SVC(C=10, class_weight="balanced"))
    machine.fit(features[train], labels[train])
    return float(np.mean(machine.predict(features[test]) == labels[test]))


def draw(table: pd.DataFrame, per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Training rows and test rows. table: kit, class index and `free` (may be tested) of each row."""
    rng = np.random.default_rng(seed)
    counts = pd.crosstab(table["kit"], table["class"]).reindex(columns=range(len(CLASSES)), fill_value=0)
    free = table.loc[table["free"], "kit"].unique()
    have, taken = np.zeros(len(CLASSES), dtype=int), []
    for kit in rng.permutation(free):
        count = counts.loc[kit].to_numpy()
        if (count[have < per_class] > 0).any() and count.sum() <= LARGEST_KIT:
            taken.append(kit)
            have += count
    held_out = table["kit"].isin(taken).to_numpy()
    pool = rng.permutation(np.flatnonzero(held_out))
    classes = table["class"].to_numpy()
    test = np.concatenate([pool[classes[pool] == number][:per_class] for number in range(len(CLASSES))])
    return np.flatnonzero(~held_out), test


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--repeats", type=int, default=16)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    params = arguments.work / "params.yaml"
    split = load(params, "split", SplitParams)
    clips = Clips(arguments.work / "data" / "clips")
    table = clips.catalog[["clip_id", "kit", "source", "label", "duplicate_group"]].copy()
    table["class"] = table["label"].map({label: number for number, label in enumerate(CLASSES)})
    table["free"] = ~table["source"].isin(split.not_in_test)
    splits = pd.read_parquet(arguments.work / "data" / "splits.parquet")
    table = table.merge(splits, on="clip_id", how="left")
    rows = np.flatnonzero(table["class"].notna())
    table = table.iloc[rows].reset_index(drop=True).astype({"class": int})
    features = pooled(clips, rows, load(params, "audio", AudioParams), load(params, "classify.models.svm", Settings))
    labels = table["class"].to_numpy()

    figures: dict[str, dict[str, list[float]]] = {name: {} for name in features}
    for column in tqdm([name for name in splits.columns if name.startswith("part")], desc="splits"):
        train = np.flatnonzero(table[column] == "train")
        test = np.flatnonzero(table[column] == "test")
        unseen = np.flatnonzero(table[column].isin(["test", "test_rest"]))
        for name, values in features.items():
            figures[name].setdefault("splits", []).append(accuracy(values, labels, train, test))
            figures[name].setdefault("splits, all unseen clips", []).append(accuracy(values, labels, train, unseen))
    groups = table["duplicate_group"].to_numpy()
    for seed in tqdm(range(arguments.repeats), desc="random kits"):
        train, test = draw(table, split.test_per_class, seed)
        without = train[~np.isin(groups[train], groups[test])]
        for name, values in features.items():
            figures[name].setdefault("random kits", []).append(accuracy(values, labels, train, test))
            figures[name].setdefault("random kits, no copies", []).append(accuracy(values, labels, without, test))
    result = {
        name: {
            case: {"mean": np.mean(values), "sd": np.std(values, ddof=1), "n": len(values), "accuracies": values}
            for case, values in cases.items()
        }
        for name, cases in figures.items()
    }
    for name, cases in result.items():
        for case, row in cases.items():
            print(f"{name:6} {case:26} {row['mean']:.3f} ± {row['sd']:.3f} over {row['n']}")
    if arguments.out:
        write_json(arguments.out, result)


if __name__ == "__main__":
    main()
