"""Section `data`: sources of the sounds, labels from names, rejected files."""

from typing import Any

import pandas as pd

from drumspace.audio.format.suffixes import without_companions
from drumspace.report.inputs import Inputs

MAX_REASONS = 12
"""Reasons of rejection in the table; the rest are counted."""


def _licence(entry: dict[str, Any], clips: pd.DataFrame) -> str:
    given = entry.get("licence")
    if isinstance(given, dict):
        given = ", ".join(f"{key}: {value}" for key, value in given.items())
    elif isinstance(given, list):
        given = ", ".join(map(str, given))
    if not given and "licence" in clips:
        given = ", ".join(sorted({str(value) for value in clips["licence"].dropna()}))
    return given or "not stated"


def _origin(entry: dict[str, Any]) -> str:
    kind = entry.get("kind")
    if kind is None:
        return "subfolder of a folder of sources"
    if kind == "synth":
        return "synthesised by the drum machine"
    package = " ".join(str(entry[key]) for key in ("package", "version") if entry.get(key))
    return "a folder" if kind == "folder" else f"{kind} {package}".strip()


def _source(name: str, inputs: Inputs) -> dict[str, Any]:
    """Row of the table of sources; its state is used, empty or skipped."""
    entry = inputs.sources.get(name, {})
    counted = (inputs.ingest.get("sources") or {}).get(name, {})
    clips = inputs.catalog[inputs.catalog["source"] == name]
    skipped = "skipped" in (entry.get("status"), counted.get("status"))
    total = counted.get("clips", len(clips))
    return {
        "name": name,
        "state": "skipped" if skipped else "used" if total else "empty",
        "origin": _origin(entry),
        "reason": str(entry.get("reason") or counted.get("reason") or ""),
        "files": entry.get("files"),
        "clips": total,
        "labelled": None if total and clips.empty else int(clips["label"].notna().sum()),
        "licence": _licence(entry, clips),
        "synthetic": bool(entry.get("synthetic")),
    }


def sources(inputs: Inputs) -> list[dict[str, Any]]:
    """Rows of the sources of params.yaml, then of those that only the catalogue names."""
    names = [*inputs.sources, *(inputs.ingest.get("sources") or {}), *sorted(set(inputs.catalog["source"]))]
    return [_source(name, inputs) for name in dict.fromkeys(names)]


def rejections(quarantine: pd.DataFrame) -> list[dict[str, Any]]:
    """Rejected files by reason, the most frequent first: reason, number of files, an example."""
    groups = quarantine.astype(str).groupby("reason")["path"]
    rows = [{"reason": str(reason), "files": len(paths), "example": min(paths)} for reason, paths in groups]
    return sorted(rows, key=lambda row: (-row["files"], row["reason"]))


def _tiles(inputs: Inputs) -> list[tuple[str, int | None, str]]:
    """(title, number, note) of each tile."""
    ingest = inputs.ingest
    conflicts, duplicates = ingest.get("duplicate_conflicts"), ingest.get("near_duplicate_clips")
    sequences = ingest.get("not_one_shots")
    return [
        ("sounds", ingest.get("clips"), "after exact duplicates are dropped"),
        ("labelled", ingest.get("labelled"), "with one of the eight classes, by hand or by name"),
        ("unlabelled", ingest.get("unlabelled"), "no rule gives a class for their names"),
        ("other drums", ingest.get("other"), "among the unlabelled: rim, cowbell, conga …"),
        (
            "loops, rolls, multi-hits",
            sum(sequences.values()) if sequences else None,
            "in data/review/not_one_shots.csv",
        ),
        ("rejected files", ingest.get("quarantined"), "by reason below"),
        (
            "exact duplicates",
            ingest.get("exact_duplicates"),
            "dropped" + (f"; {conflicts} with differing labels" if conflicts else ""),
        ),
        (
            "near-duplicate groups",
            ingest.get("near_duplicate_groups"),
            f"{duplicates:,} sounds" if duplicates else "each in one part",
        ),
        ("kits", int(inputs.catalog["kit"].nunique()), "each in one part of the split"),
    ]


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template: tiles, sources, skipped sources, rejections, files not read, naming figures."""
    rows, rejected = sources(inputs), rejections(inputs.quarantine)
    return {
        "tiles": _tiles(inputs),
        "sources": rows,
        "skipped": [row for row in rows if row["state"] == "skipped"],
        "rejections": rejected[:MAX_REASONS],
        "more_reasons": max(len(rejected) - MAX_REASONS, 0),
        "passed_over": without_companions(inputs.ingest.get("passed_over") or {}),
        "naming": inputs.ingest.get("naming") or {},
    }
