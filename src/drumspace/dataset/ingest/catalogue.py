"""The catalogue of clips: priority of labels, removal of exact duplicates, and the figures of ingest.json."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from drumspace.audio.analysis.hits import KINDS, Hits
from drumspace.dataset.ingest.annotations import OTHER, Annotation
from drumspace.dataset.ingest.naming import NamingRules, Verdict
from drumspace.dataset.ingest.scan.sounds import Rejected, Sound
from drumspace.taxonomy import CLASSES

MANUAL, NAME = "manual", "name"
"""Origins of labels: a person, or the names of files, folders, kits and instruments."""


@dataclass(frozen=True)
class Label:
    """Label of a sound; `origin` is None if neither a person nor a name gives its class.

    detail: second level of some classes, such as an open hat, from names; None if they give none.
    """

    label: str | None
    other: bool
    origin: str | None
    detail: str | None = None


@dataclass(frozen=True)
class Entry:
    """A clip and the sound that it was made from."""

    sound: Sound
    label: Label
    clip_id: str
    shard: int
    row: int
    seconds: float
    original_sample_rate: int
    channels: int
    peak_dbfs: float
    hits: Hits
    loudness_lufs: float | None

    @property
    def sequence(self) -> str | None:
        """Kind of a sound with several hits; None for a one-shot, and for what a person labelled as one."""
        return None if self.label.origin == MANUAL else self.hits.kind


def label_sound(sound: Sound, annotations: Mapping[str, Annotation], rules: NamingRules) -> Label:
    """Label of a sound: from data/annotations.csv, else the source's labels file, else its names or its MIDI key.

    The key decides if neither file nor instrument has a name that says anything: it comes before folders.
    """
    written = annotations.get(sound.path, sound.annotation)
    if written:
        is_other = written.label == OTHER
        label = None if is_other else written.label
        return Label(label, is_other, MANUAL, rules.detail(label, sound.named, sound.instrument, sound.keys))
    verdict = rules.verdict(sound.named, sound.instrument)
    if sound.keys and (verdict == Verdict() or not verdict.is_own):
        verdicts = {rules.gm_key(key) for key in range(sound.keys[0], sound.keys[1] + 1)}
        if len(verdicts) == 1 and verdicts != {Verdict()}:
            verdict = verdicts.pop()
    detail = rules.detail(verdict.label, sound.named, sound.instrument, sound.keys)
    return Label(verdict.label, verdict.other, NAME if verdict.label else None, detail)


def label_of_hits(label: Label, hits: Hits) -> Label:
    """Label of a sound with these hits: a loop, a roll or a multi-hit has none, unless a person gave it one."""
    return label if hits.kind is None or label.origin == MANUAL else Label(None, False, None)


def drop_exact_duplicates(entries: Iterable[Entry]) -> list[Entry]:
    """Keep one entry of each clip_id, in the order of their paths.

    An entry labelled by a person comes before one labelled by name, then `other`, then none, then a loop that starts
    with the same clip; among equals the first.
    """
    best_entry: dict[str, Entry] = {}
    for entry in entries:
        former = best_entry.get(entry.clip_id)
        if former is None or _rank(entry) < _rank(former):
            best_entry[entry.clip_id] = entry
    return sorted(best_entry.values(), key=lambda entry: entry.sound.path)


def _rank(entry: Entry) -> int:
    label = entry.label
    if entry.sequence:
        return 4
    return 0 if label.origin == MANUAL else 1 if label.origin == NAME else 2 if label.other else 3


def table(entries: list[Entry], duplicate_group: np.ndarray, pitch_hz: np.ndarray) -> pd.DataFrame:
    """The table catalog.parquet: one row per entry, in their order. pitch_hz: float [n], NaN for none."""
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
        "detail": pd.array([entry.label.detail for entry in entries], text),
        "other": np.array([entry.label.other for entry in entries], bool),
        "seconds": np.array([entry.seconds for entry in entries], np.float64),
        "original_sample_rate": np.array([entry.original_sample_rate for entry in entries], np.int64),
        "channels": np.array([entry.channels for entry in entries], np.int64),
        "peak_dbfs": np.array([entry.peak_dbfs for entry in entries], np.float64),
        "loudness_lufs": np.array([entry.loudness_lufs for entry in entries], np.float64),
        "pitch_hz": np.asarray(pitch_hz, np.float64),
        "sequence": pd.array([entry.sequence for entry in entries], text),
        "hits": np.array([len(entry.hits.seconds) for entry in entries], np.int64),
        "tempo_bpm": np.array([entry.hits.tempo_bpm for entry in entries], np.float64),
        "duplicate_group": np.asarray(duplicate_group, np.int64),
        "synthetic": np.array([entry.sound.synthetic for entry in entries], bool),
        "truth": pd.array([_truth(entry.sound) for entry in entries], text),
        "licence": pd.array([entry.sound.licence for entry in entries], text),
    }
    return pd.DataFrame(columns)


def not_one_shots(catalog: pd.DataFrame) -> pd.DataFrame:
    """Rows of a catalogue that are loops, rolls or multi-hits, for a person to review."""
    columns = ["path", "sequence", "hits", "tempo_bpm", "seconds", "clip_id"]
    return catalog.loc[catalog["sequence"].notna(), columns].reset_index(drop=True)


def metrics(
    clips: list[Entry],
    all_entries: list[Entry],
    duplicate_group: np.ndarray,
    rejected: list[Rejected],
    sources: Mapping[str, Mapping[str, Any]],
    rules: NamingRules,
) -> dict[str, Any]:
    """Content of reports/metrics/ingest.json. `clips` are `all_entries` without exact duplicates.

    labelled + unlabelled = clips; `other` counts the unlabelled clips that are drums of none of the classes,
    `not_one_shots` those that are loops, rolls or multi-hits. A source
    without a clip has the status 'empty'. duplicate_conflicts counts equal sounds with different labels.
    """
    labels: dict[str, set[str]] = defaultdict(set)
    for entry in all_entries:
        if entry.label.label:
            labels[entry.clip_id].add(entry.label.label)
    counts = Counter(entry.label.label for entry in clips)
    by_source = Counter(entry.sound.origin for entry in clips)
    sequences = Counter(entry.sequence for entry in clips)
    filled = {entry.sound.origin for entry in all_entries}
    sizes = np.bincount(duplicate_group)
    return {
        "clips": len(clips),
        "labelled": len(clips) - counts[None],
        "unlabelled": counts[None],
        "other": sum(entry.label.other for entry in clips),
        "not_one_shots": {kind: sequences[kind] for kind in KINDS},
        "classes": {name: counts[name] for name in CLASSES},
        "quarantined": len(rejected),
        "exact_duplicates": len(all_entries) - len(clips),
        "duplicate_conflicts": sum(len(clip_labels) > 1 for clip_labels in labels.values()),
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
    """Precision and coverage of the naming rules on the `n` clips whose class a source's labels file gives.

    The rules see the path alone, without titles that a folder's names begin with. coverage: share of clips for which
    they give a class; precision: share of these classes that are right. Null if n is 0.
    """
    pairs = [(rules.verdict(entry.sound.named).label, truth) for entry in clips if (truth := _truth(entry.sound))]
    named = [verdicts == truth for verdicts, truth in pairs if verdicts]
    return {
        "precision": sum(named) / len(named) if named else None,
        "coverage": len(named) / len(pairs) if pairs else None,
        "n": len(pairs),
    }


def _truth(sound: Sound) -> str | None:
    return sound.annotation.label if sound.annotation and sound.annotation.label != OTHER else None
