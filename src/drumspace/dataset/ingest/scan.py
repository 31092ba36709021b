"""Which sounds the sources hold, found without decoding any: paths, kits, instrument names, labels files."""

import logging
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from drumspace.audio.decode.decode import UnusableSound
from drumspace.dataset.ingest.annotations import Annotation, read_annotations
from drumspace.dataset.ingest.hydrogen import UnreadableKit, instrument_names
from drumspace.dataset.ingest.soundfont import Sample, drum_sounds
from drumspace.errors import UserError

log = logging.getLogger(__name__)
SOUNDS = frozenset(
    f".{suffix}"
    for suffix in (
        *("wav", "wave", "rf64", "w64", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc"),
        *("au", "snd", "caf", "m4a", "aac", "wma", "wv", "ape"),
    )
)
"""Suffixes of sound files. Those libsndfile can't decode stand here too: quarantined, not passed over."""
SOUND_FONTS = frozenset({".sf2", ".sf3"})
_OWN_KEYS = frozenset({48, 56})
"""Programs, from 0, of Roland GS drum sets whose keys are not General MIDI's: orchestra and effects."""
_PREFIXED = 0.9
"""Share of a flat folder's files that must share a prefix with another before prefixes are taken for kits."""


@dataclass(frozen=True)
class Sound:
    """A sound that may become a clip."""

    path: str
    """In the catalogue: source/…, posix."""
    file: Path
    origin: str
    """The source's name in params.yaml."""
    source: str
    kit: str
    """source/kit."""
    licence: str | None
    synthetic: bool
    instrument: str | None = None
    """What a drumkit.xml or a SoundFont calls it."""
    keys: tuple[int, int] | None = None
    """Lowest and highest General MIDI key that plays it."""
    sample: Sample | None = None
    """Where it lies in a SoundFont."""
    annotation: Annotation | None = None
    """From the source's own labels file."""


class Rejected(NamedTuple):
    """A row of quarantine.csv."""

    path: str
    reason: str


def scan(sources: Mapping[str, Mapping[str, Any]], raw: Path) -> tuple[list[Sound], list[Rejected]]:
    """All sounds of the sources of sources.json, sorted by path, and what was turned down on the way.

    A source's files lie in its `path`, or in `raw`/<name>. Files that are no sound by their suffix, and
    hidden folders, are passed over. Raises UserError: a folder that is not there, a fetched package without
    sounds, labels that can't be read, one path in two sources.
    """
    sounds: dict[str, Sound] = {}
    rejected: list[Rejected] = []
    for name, source in sources.items():
        if source["status"] == "skipped":
            continue
        root = Path(source["path"] or raw / name)
        if not root.is_dir():
            raise UserError(
                f"The folder {root} of the source `{name}` does not exist: create it, or correct or remove"
                f" `sources.{name}` in params.yaml, and run fetch again."
            )
        found = _scan_source(name, source, root, rejected)
        if not found and source["kind"] != "folder":
            raise UserError(
                f"The source `{name}` holds no sound: correct its `root`, `include` and `exclude` in"
                f" params.yaml, or remove it, and run fetch again (`dvc repro --force fetch`)."
            )
        for sound in found:
            if sounds.setdefault(sound.path, sound) is not sound:
                raise UserError(
                    f"The sources `{sounds[sound.path].origin}` and `{name}` both hold {sound.path}: rename"
                    f" one of them in params.yaml, or one of the folders."
                )
    return [sounds[path] for path in sorted(sounds)], rejected


def _scan_source(name: str, source: Mapping[str, Any], root: Path, rejected: list[Rejected]) -> list[Sound]:
    nested = source["layout"] == "source/kit"
    files = [(parts, file) for parts, file in _walk(root, (), (), name, rejected)]
    kits = _kits([parts for parts, _ in files if _suffix(parts[-1]) in SOUNDS], name, source["layout"])
    annotations = read_annotations(root / source["labels"], blank_is_unknown=True) if source["labels"] else {}
    instruments: dict[tuple[str, ...], str] = {}
    for parts, file in files:
        if parts[-1].lower() == "drumkit.xml" and file.is_file():
            try:
                for played, instrument in instrument_names(file).items():
                    instruments[(*parts[:-1], *played.split("/"))] = instrument
            except UnreadableKit as error:
                reason = f"{error}; the sounds beside it are kept, without its instruments' names"
                rejected.append(Rejected("/".join((name, *parts)), reason))
    sounds: list[Sound] = []
    for parts, file in files:
        prefix = parts[0] if nested and len(parts) > 1 else name
        sound = Sound(
            path="/".join(parts if nested and len(parts) > 1 else (name, *parts)),
            file=file,
            origin=name,
            source=prefix,
            kit=kits.get(parts, ""),
            licence=source["licence"],
            synthetic=source["synthetic"],
            instrument=instruments.get(parts),
            annotation=annotations.get("/".join(parts)),
        )
        if _suffix(parts[-1]) in SOUNDS:
            sounds.append(sound)
        elif _suffix(parts[-1]) in SOUND_FONTS:
            try:
                sounds += _scan_soundfont(sound, annotations, "/".join(parts))
            except UnusableSound as error:
                rejected.append(Rejected(sound.path, str(error)))
    unused = len(annotations) - sum(sound.annotation is not None for sound in sounds)
    if unused:
        log.warning("%s of `%s`: %d of its rows name no sound there", source["labels"], name, unused)
    return sounds


def _walk(
    folder: Path, parts: tuple[str, ...], above: tuple[str, ...], name: str, rejected: list[Rejected]
) -> Iterator[tuple[tuple[str, ...], Path]]:
    """(path from the source's root, file) of every file, links followed; `above`: the real folders passed."""
    above = (*above, os.path.realpath(folder))
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        rejected.append(Rejected("/".join((name, *parts)), f"folder cannot be listed ({error.strerror})"))
        return
    for entry in entries:
        here = (*parts, entry.name)
        if entry.name.startswith("._"):  # what macOS leaves beside each file: no sound, whatever its suffix
            continue
        try:
            is_folder = entry.is_dir()
        except OSError as error:  # a link to itself
            reason = f"a link that leads nowhere ({error.strerror})"
            rejected.append(Rejected("/".join((name, *here)), reason))
            continue
        if is_folder and entry.name.startswith((".", "__MACOSX")):
            continue
        if is_folder and os.path.realpath(entry.path) in above:
            reason = "a link loop: it leads to a folder above itself"
            rejected.append(Rejected("/".join((name, *here)), reason))
        elif is_folder:
            yield from _walk(Path(entry.path), here, above, name, rejected)
        elif _suffix(entry.name) in SOUNDS | SOUND_FONTS and not _plain(here):
            reason = "its name or a folder's holds a line break, a control character or no UTF-8: rename it"
            rejected.append(Rejected("/".join((name, *here)), reason))
        else:
            yield here, Path(entry.path)


def _plain(parts: tuple[str, ...]) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs") for part in parts for character in part)


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _kits(files: list[tuple[str, ...]], name: str, layout: str) -> dict[tuple[str, ...], str]:
    """source/kit of each file: the first folder below the source, or with layout `folder` all folders of the file.

    Files that lie in the source's folder itself form one kit of the source's name; but where their names have
    common prefixes ('bd_808.flac', 'bd_fat.flac', 'elec_blip.flac'), each prefix is a kit.
    """
    kits = {}
    flat: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for parts in files:
        source, rest = (parts[0], parts[1:]) if layout == "source/kit" and len(parts) > 1 else (name, parts)
        if len(rest) > 1:
            kits[parts] = "/".join((source, *(rest[:-1] if layout == "folder" else rest[:1])))
        else:
            flat[source].append(parts)
    for source, members in flat.items():
        prefixes = {parts: parts[-1].partition("_")[0] if "_" in parts[-1] else "" for parts in members}
        counts = Counter(prefix for prefix in prefixes.values() if prefix)
        shared = {parts: prefix for parts, prefix in prefixes.items() if counts[prefix] > 1}
        if len(shared) < _PREFIXED * len(members):
            shared = {}
        kits |= {parts: f"{source}/{shared.get(parts, source)}" for parts in members}
    return kits


def _scan_soundfont(font: Sound, annotations: Mapping[str, Annotation], inside: str) -> Iterator[Sound]:
    """The font's sounds as source/<file>.sf2/<preset>/<key>-<sample>; a preset is a kit."""
    seen: Counter[str] = Counter()
    for drum in drum_sounds(font.file):
        preset, name, key = _safe(drum.preset), _safe(drum.name), f"{drum.keys[0]:02d}"
        file = name if name.startswith(key) else f"{key}-{name}"
        seen[f"{preset}/{file}"] += 1
        again = seen[f"{preset}/{file}"]
        tail = f"{preset}/{file}" if again == 1 else f"{preset}/{file}~{again}"
        yield replace(
            font,
            path=f"{font.path}/{tail}",
            kit=f"{font.source}/{font.file.stem} {preset}",
            instrument=drum.name,
            keys=None if drum.program in _OWN_KEYS else drum.keys,
            sample=drum.sample,
            annotation=annotations.get(f"{inside}/{tail}"),
        )


def _safe(name: str) -> str:
    return re.sub(r"[^\w .+#()&-]", "_", name).strip(" .") or "_"
