"""Where the sounds come from, what was labelled, and what was refused."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from drumspace.report.inputs import Inputs

MAX_REASONS = 12
"""Reasons of rejection shown; the rest are counted."""


@dataclass(frozen=True)
class Source:
    """A row of the table of sources."""

    name: str
    state: str
    """used, empty or skipped."""
    origin: str
    reason: str
    files: int | None
    clips: int | None
    labelled: int | None
    licence: str
    synthetic: bool


@dataclass(frozen=True)
class Rejection:
    """Files that were refused for one reason."""

    reason: str
    files: int
    example: str


@dataclass(frozen=True)
class Data:
    """What the section shows."""

    tiles: list[tuple[str, int | None, str]]
    sources: list[Source]
    skipped: list[Source]
    rejections: list[Rejection]
    more_reasons: int
    naming: dict[str, Any]


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
        return "within a folder of sources"
    if kind == "synth":
        return "made by the drum machine"
    named = " ".join(str(entry[key]) for key in ("package", "version") if entry.get(key))
    return "a folder" if kind == "folder" else f"{kind} {named}".strip()


def _source(name: str, inputs: Inputs) -> Source:
    entry = inputs.sources.get(name, {})
    counted = (inputs.ingest.get("sources") or {}).get(name, {})
    clips = inputs.catalog[inputs.catalog["source"] == name]
    skipped = "skipped" in (entry.get("status"), counted.get("status"))
    total = counted.get("clips", len(clips))
    return Source(
        name=name,
        state="skipped" if skipped else "used" if total else "empty",
        origin=_origin(entry),
        reason=str(entry.get("reason") or counted.get("reason") or ""),
        files=entry.get("files"),
        clips=total,
        labelled=None if total and clips.empty else int(clips["label"].notna().sum()),
        licence=_licence(entry, clips),
        synthetic=bool(entry.get("synthetic")),
    )


def sources(inputs: Inputs) -> list[Source]:
    """Each source of params.yaml and each that the catalogue names, in that order."""
    names = [*inputs.sources, *(inputs.ingest.get("sources") or {}), *sorted(set(inputs.catalog["source"]))]
    return [_source(name, inputs) for name in dict.fromkeys(names)]


def rejections(quarantine: pd.DataFrame) -> list[Rejection]:
    """Refused files by reason, the commonest first."""
    groups = quarantine.astype(str).groupby("reason")["path"]
    rows = [Rejection(str(reason), len(paths), min(paths)) for reason, paths in groups]
    return sorted(rows, key=lambda row: (-row.files, row.reason))


def context(inputs: Inputs) -> Data:
    """The section from its inputs."""
    ingest = inputs.ingest
    conflicts, alike = ingest.get("duplicate_conflicts"), ingest.get("near_duplicate_clips")
    tiles = [
        ("sounds", ingest.get("clips"), "after exact duplicates are dropped"),
        ("labelled", ingest.get("labelled"), "one of the eight classes, by hand or by name"),
        ("unlabelled", ingest.get("unlabelled"), "no rule names a class for them"),
        ("other drums", ingest.get("other"), "of the unlabelled: rim, cowbell, conga …"),
        ("refused files", ingest.get("quarantined"), "in quarantine, by reason below"),
        (
            "exact duplicates",
            ingest.get("exact_duplicates"),
            "dropped" + (f"; {conflicts} with differing labels" if conflicts else ""),
        ),
        (
            "near-duplicate groups",
            ingest.get("near_duplicate_groups"),
            f"{alike:,} sounds" if alike else "each in one part",
        ),
        ("kits", int(inputs.catalog["kit"].nunique()), "each in one part of the split"),
    ]
    rows = sources(inputs)
    refused = rejections(inputs.quarantine)
    return Data(
        tiles=tiles,
        sources=rows,
        skipped=[row for row in rows if row.state == "skipped"],
        rejections=refused[:MAX_REASONS],
        more_reasons=max(len(refused) - MAX_REASONS, 0),
        naming=ingest.get("naming") or {},
    )
