"""Ingest: from the files of all sources to clips, their catalogue and the list of rejected files."""

import csv
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import joblib
import numpy as np
from tqdm import tqdm

from drumspace.audio.analysis.pitch import import_tracker, pitch_hz
from drumspace.audio.decode.guarded import start_processes
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.annotations import Annotation, composed
from drumspace.dataset.ingest.catalogue import (
    Entry,
    Label,
    drop_exact_duplicates,
    label_of_hits,
    label_sound,
    metrics,
    table,
)
from drumspace.dataset.ingest.duplicates.near_duplicates import group_near_duplicates
from drumspace.dataset.ingest.make_clip import Limits, Task, make_clip
from drumspace.dataset.ingest.make_clips import make_clips
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.scan.scan import scan
from drumspace.dataset.ingest.scan.sounds import Rejected, Sound, passed_over_text
from drumspace.dataset.ingest.settings import IngestParams
from drumspace.dataset.ingest.shared_prefixes import without_shared_prefixes
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_folder
from drumspace.io.parquet import write_parquet
from drumspace.io.shards import ShardWriter, clip_id, shard_path

log = logging.getLogger(__name__)
PITCHED = frozenset({"kick", "tom"})
"""Classes whose pitch is measured: in the others it is not what a listener hears."""
PITCH_BATCH = 256
"""Clips whose pitches are measured at a time; it limits the memory."""


def ingest(
    sources: Mapping[str, Mapping[str, Any]],
    raw: Path,
    annotations: Mapping[str, Annotation],
    rules: NamingRules,
    audio: AudioParams,
    params: IngestParams,
    out: Path,
    jobs: int | None = None,
) -> dict[str, Any]:
    """Write shards, catalog.parquet and quarantine.csv into `out`, all of it or nothing; return the metrics.

    `sources` is the content of sources.json, `raw` the output folder of fetch, `jobs` the number of processes (None:
    one per core; the bytes written do not depend on it). Raises UserError before `out` is changed: the errors of
    `scan`, an annotation of no sound, different annotations of one sound, no clip at all.
    """

    def label(sound: Sound) -> Label:
        return label_sound(sound, annotations, rules)

    with ExitStack() as stack:
        out.parent.mkdir(parents=True, exist_ok=True)
        unpacked = stack.enter_context(TemporaryDirectory(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
        if not params.dask_address:
            start_processes(make_clip, (jobs or joblib.cpu_count()) - 1, params.decode)  # `scan` starts the last one
        scanned = scan(sources, raw, Path(unpacked), rules)
        sounds, rejected = scanned.sounds, scanned.rejected
        _check_annotations(annotations, sounds, rejected, sources)
        names = without_shared_prefixes((sound.named for sound in sounds), rules)
        sounds = [replace(sound, name=names[sound.named]) for sound in sounds]
        folder = stack.enter_context(atomic_folder(out))
        threading.Thread(target=import_tracker).start()
        entries = _write_shards(sounds, rejected, label, audio, params, folder, jobs)
        if not entries:
            raise UserError(_no_clip(sources, rejected))
        _check_agreement(annotations, entries)
        clips = drop_exact_duplicates(entries)
        reader = _Reader(folder, clips)
        groups = group_near_duplicates(reader, len(clips), audio.sample_rate, params.duplicates)
        pitches = _pitches(clips, reader, audio.sample_rate)
        write_parquet(folder / "catalog.parquet", table(clips, groups, pitches))
        rejected.sort(key=lambda item: printable(item.path))
        write_quarantine(folder / "quarantine.csv", rejected)
        figures = metrics(clips, entries, groups, rejected, sources, rules)
        figures["passed_over"] = dict(sorted(scanned.passed_over.items()))
    if rejected:
        log.warning("%d files were rejected: %s lists them with the reason", len(rejected), out / "quarantine.csv")
    if text := passed_over_text(scanned.passed_over):
        log.warning(text)
    return figures


def _write_shards(
    sounds: list[Sound],
    rejected: list[Rejected],
    label: Callable[[Sound], Label],
    audio: AudioParams,
    params: IngestParams,
    folder: Path,
    jobs: int | None,
) -> list[Entry]:
    """One entry per clip. Equal clips are written once: their entries share shard and row."""
    limits = Limits(params.min_seconds, params.max_seconds, params.level_dbfs)
    tasks = [Task(str(sound.file.absolute()), sound.sample) for sound in sounds]
    outcomes = make_clips(tasks, audio, limits, params.decode, jobs, params.dask_address)
    entries: list[Entry] = []
    locations: dict[str, tuple[int, int]] = {}
    with ShardWriter(folder, audio.num_samples, params.clips_per_shard) as writer:
        for sound, outcome in zip(sounds, tqdm(outcomes, "ingest", len(sounds), unit="file"), strict=True):
            if isinstance(outcome, str):
                rejected.append(Rejected(sound.path, outcome))
                continue
            clip, info, analysis = outcome
            padded = np.zeros(audio.num_samples, np.int16)
            padded[: len(clip.pcm)] = clip.pcm
            identity = clip_id(padded)
            if identity not in locations:
                locations[identity] = writer.append(padded)
            entries.append(
                Entry(
                    sound=sound,
                    label=label_of_hits(label(sound), analysis.hits),
                    clip_id=identity,
                    shard=locations[identity][0],
                    row=locations[identity][1],
                    seconds=clip.seconds,
                    original_sample_rate=info.sample_rate,
                    channels=info.channels,
                    peak_dbfs=clip.peak_dbfs,
                    hits=analysis.hits,
                    loudness_lufs=analysis.loudness_lufs,
                )
            )
    return entries


def _pitches(clips: list[Entry], reader: "_Reader", rate: int) -> np.ndarray:
    """Pitch (Hz) of each kick and tom, NaN for the others and for those without one: float [clips]."""
    pitches = np.full(len(clips), np.nan)
    rows = np.flatnonzero([clip.label.label in PITCHED for clip in clips])
    for start in range(0, len(rows), PITCH_BATCH):
        some = rows[start : start + PITCH_BATCH]
        pitches[some] = pitch_hz(reader(some).astype(np.float32), rate)
    return pitches


class _Reader:
    """Function from indices of `clips` to PCM in memory-mapped shards: int16 [len(index), num_samples]."""

    def __init__(self, folder: Path, clips: list[Entry]) -> None:
        self.shards = {
            shard: np.load(shard_path(folder, shard), mmap_mode="r") for shard in sorted({clip.shard for clip in clips})
        }
        self.clips = clips

    def __call__(self, index: np.ndarray) -> np.ndarray:
        chosen = [self.clips[number] for number in index.tolist()]
        return np.stack([self.shards[clip.shard][clip.row] for clip in chosen])


def printable(path: str) -> str:
    """A path on one line of UTF-8: invalid bytes and control characters are written as \\xNN."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def write_quarantine(path: Path, rejected: list[Rejected]) -> None:
    """Write quarantine.csv: path and reason of each rejected file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Rejected._fields)
        writer.writerows((printable(item.path), printable(item.reason)) for item in rejected)


def _check_annotations(
    annotations: Mapping[str, Annotation],
    sounds: list[Sound],
    rejected: list[Rejected],
    sources: Mapping[str, Mapping[str, Any]],
) -> None:
    """Raise UserError for an annotation of no sound, unless its source was skipped or its file rejected."""
    known_paths = {composed(sound.path) for sound in sounds} | {composed(item.path) for item in rejected}
    skipped = {name for name, source in sources.items() if source["status"] == "skipped"}
    for path, annotation in annotations.items():
        if composed(path) not in known_paths and path.partition("/")[0] not in skipped:
            raise UserError(
                f"{annotation.position}: no source holds {path!r}. Write the path as the catalogue has it"
                f" (source/…/file.ext), or remove the line."
            )


def _check_agreement(annotations: Mapping[str, Annotation], entries: list[Entry]) -> None:
    """Raise UserError if two annotations give different labels to files that hold the same sound."""
    first_by_clip: dict[str, tuple[str, Annotation]] = {}
    for entry in entries:
        annotation = annotations.get(entry.sound.path)
        if annotation is None:
            continue
        path, first = first_by_clip.setdefault(entry.clip_id, (entry.sound.path, annotation))
        if first.label != annotation.label:
            raise UserError(
                f"{annotation.position}: {entry.sound.path} is {annotation.label}, and {path}, which holds the same"
                f" sound, is {first.label} in {first.position}. Correct one of them, or remove it."
            )


def _no_clip(sources: Mapping[str, Mapping[str, Any]], rejected: list[Rejected]) -> str:
    states = ", ".join(f"`{name}` {source['status']}" for name, source in sources.items()) or "none"
    first = ""
    if rejected:
        path, reason = rejected[0]
        first = f" The first of {len(rejected)} rejected files: {printable(path)}, {reason}."
    return (
        f"No source gave a clip, so nothing was changed. Sources: {states}.{first} Put sounds into the folder"
        f" of a source, or add sources in params.yaml, and run again."
    )
