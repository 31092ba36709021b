"""The catalogue of clips: whose label counts, which of equal sounds stays, and the figures about it all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from drumspace.dataset.ingest.annotations import OTHER, Annotation
from drumspace.dataset.ingest.naming import NamingRules, Verdict
from drumspace.dataset.ingest.scan import Rejected, Sound
from drumspace.taxonomy import CLASSES

MANUAL, NAME = "manual", "name"
"""Where a label comes from: a person's list, or the names of files, folders, kits and instruments."""


@dataclass(frozen=True)
class Label:
    """What is said of a sound; `origin` is None where no person says and no name tells its class."""

    label: str | None
    other: bool
    origin: str | None


@dataclass(frozen=True)
class Entry:
    """A sound that has become a clip."""

    sound: Sound
    label: Label
    clip_id: str
    shard: int
    row: int
    seconds: float
    original_sample_rate: int
    channels: int
    peak_dbfs: float


def label_sound(sound: Sound, annotations: Mapping[str, Annotation], rules: NamingRules) -> Label:
    """The label of data/annotations.csv, else of the source's labels file, else of names, else of its key."""
    written = annotations.get(sound.path, sound.annotation)
    if written:
        is_other = written.label == OTHER
        return Label(None if is_other else written.label, is_other, MANUAL)
    verdict = rules.verdict(sound.path, sound.instrument)
    if verdict == Verdict() and sound.keys:
        told = {rules.gm_key(key) for key in range(sound.keys[0], sound.keys[1] + 1)}
        verdict = told.pop() if len(told) == 1 else verdict
    return Label(verdict.label, verdict.other, NAME if verdict.label else None)


def drop_exact_duplicates(entries: Iterable[Entry]) -> list[Entry]:
    """Of the entries with one clip_id, the one that is labelled best (by a person, by name, as other, not at
    all); among those the first. In the order given."""
    best: dict[str, Entry] = {}
    for entry in entries:
        known = best.get(entry.clip_id)
        if known is None or _rank(entry.label) < _rank(known.label):
            best[entry.clip_id] = entry
    return sorted(best.values(), key=lambda entry: entry.sound.path)


def _rank(label: Label) -> int:
    return 0 if label.origin == MANUAL else 1 if label.origin == NAME else 2 if label.other else 3


def table(entries: list[Entry], duplicate_group: np.ndarray) -> pd.DataFrame:
    """catalog.parquet: a row an entry, in their order."""
    text = pd.StringDtype(na_value=np.nan)
    columns: dict[str, Any] = {
        "clip_id": pd.array([entry.clip_id for entry in entries], text),
        "shard": np.array([entry.shard for entry in entries], np.int64),
        "row": np.array([entry.row for entry in entries], np.int64),
        "source": pd.array([entry.sound.source for entry in entries], text),
        "kit": pd.array([entry.sound.kit for entry in entries], text),
        "path": pd.array([entry.sound.path for entry in entries], text),
        "label": pd.array([entry.label.label for entry in entries], text),
        "label_origin": pd.array([entry.label.origin for entry in entries], text),
        "other": np.array([entry.label.other for entry in entries], bool),
        "seconds": np.array([entry.seconds for entry in entries], np.float64),
        "original_sample_rate": np.array([entry.original_sample_rate for entry in entries], np.int64),
        "channels": np.array([entry.channels for entry in entries], np.int64),
        "peak_dbfs": np.array([entry.peak_dbfs for entry in entries], np.float64),
        "duplicate_group": np.asarray(duplicate_group, np.int64),
        "synthetic": np.array([entry.sound.synthetic for entry in entries], bool),
        "truth": pd.array([_truth(entry.sound) for entry in entries], text),
        "licence": pd.array([entry.sound.licence for entry in entries], text),
    }
    return pd.DataFrame(columns)


def metrics(
    clips: list[Entry],
    all_entries: list[Entry],
    duplicate_group: np.ndarray,
    rejected: list[Rejected],
    sources: Mapping[str, Mapping[str, Any]],
    rules: NamingRules,
) -> dict[str, Any]:
    """reports/metrics/ingest.json. `clips` are what stays of `all_entries`.

    labelled + unlabelled = clips; other is the part of unlabelled that is known to be no class. A source that
    was read and held no clip has the status 'empty'. duplicate_conflicts counts equal sounds that carry
    different labels.
    """
    labels: dict[str, set[str]] = defaultdict(set)
    for entry in all_entries:
        if entry.label.label:
            labels[entry.clip_id].add(entry.label.label)
    counts = Counter(entry.label.label for entry in clips)
    by_source = Counter(entry.sound.origin for entry in clips)
    filled = {entry.sound.origin for entry in all_entries}
    sizes = np.bincount(duplicate_group)
    return {
        "clips": len(clips),
        "labelled": len(clips) - counts[None],
        "unlabelled": counts[None],
        "other": sum(entry.label.other for entry in clips),
        "classes": {name: counts[name] for name in CLASSES},
        "quarantined": len(rejected),
        "exact_duplicates": len(all_entries) - len(clips),
        "duplicate_conflicts": sum(len(found) > 1 for found in labels.values()),
        "near_duplicate_groups": int((sizes > 1).sum()),
        "near_duplicate_clips": int(sizes[sizes > 1].sum()),
        "naming": naming_figures(clips, rules),
        "sources": {
            name: {
                "status": source["status"] if name in filled or source["status"] == "skipped" else "empty",
                "clips": by_source[name],
                "reason": source["reason"],
            }
            for name, source in sources.items()
        },
    }


def naming_figures(clips: list[Entry], rules: NamingRules) -> dict[str, Any]:
    """How well the rules do, from the path alone, on the `n` clips whose class a source's labels file gives.

    coverage: the share for which they name a class; precision: the share of those that are right. Null where
    n is 0.
    """
    pairs = [(rules.verdict(entry.sound.path).label, truth) for entry in clips if (truth := _truth(entry.sound))]
    named = [told == truth for told, truth in pairs if told]
    return {
        "precision": sum(named) / len(named) if named else None,
        "coverage": len(named) / len(pairs) if pairs else None,
        "n": len(pairs),
    }


def _truth(sound: Sound) -> str | None:
    return sound.annotation.label if sound.annotation and sound.annotation.label != OTHER else None
