"""Scan sources for sounds without decoding them: paths, kits, instrument names, labels files."""

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
"""Suffixes of sound files. Those that libsndfile cannot decode are among them: such files are rejected, not ignored."""
SOUND_FONTS = frozenset({".sf2", ".sf3"})
_OWN_KEYS = frozenset({48, 56})
"""Programs (from 0) of Roland GS drum sets whose keys differ from General MIDI: orchestra and effects."""
_PREFIXED = 0.9
"""Prefixes of file names in a flat folder are kits if at least this share of the files has a common prefix."""


@dataclass(frozen=True)
class Sound:
    """A sound that may become a clip."""

    path: str
    """Path in the catalogue: source/…, with `/`."""
    file: Path
    origin: str
    """The source's name in params.yaml."""
    source: str
    kit: str
    """source/kit."""
    licence: str | None
    synthetic: bool
    instrument: str | None = None
    """Name of the instrument in a drumkit.xml or SoundFont."""
    keys: tuple[int, int] | None = None
    """Lowest and highest General MIDI key that plays it."""
    sample: Sample | None = None
    """Position of the sample in a SoundFont."""
    annotation: Annotation | None = None
    """Label from the source's own labels file."""


class Rejected(NamedTuple):
    """A rejected file: a row of quarantine.csv."""

    path: str
    reason: str


def scan(sources: Mapping[str, Mapping[str, Any]], raw: Path) -> tuple[list[Sound], list[Rejected]]:
    """List the sounds of all sources in sources.json, sorted by path, and the files rejected by name or position.

    A source's files lie in its `path`, or in `raw`/<name>. Files without the suffix of a sound and hidden folders are
    ignored. Raises UserError: a missing folder, a fetched package without sounds, unreadable labels, one path in two
    sources.
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
        source_sounds = _scan_source(name, source, root, rejected)
        if not source_sounds and source["kind"] != "folder":
            raise UserError(
                f"The source `{name}` holds no sound: correct its `root`, `include` and `exclude` in"
                f" params.yaml, or remove it, and run fetch again (`dvc repro --force fetch`)."
            )
        for sound in source_sounds:
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
    """Path from the source's root, and file, of every file below `folder`; links are followed.

    `above`: real paths of the folders above, to detect link loops.
    """
    above = (*above, os.path.realpath(folder))
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        rejected.append(Rejected("/".join((name, *parts)), f"folder cannot be listed ({error.strerror})"))
        return
    for entry in entries:
        entry_parts = (*parts, entry.name)
        if entry.name.startswith("._"):  # metadata files of macOS, which are no sounds whatever their suffix
            continue
        try:
            is_folder = entry.is_dir()
        except OSError as error:  # for example a link to itself
            reason = f"a link that leads nowhere ({error.strerror})"
            rejected.append(Rejected("/".join((name, *entry_parts)), reason))
            continue
        if is_folder and entry.name.startswith((".", "__MACOSX")):
            continue
        if is_folder and os.path.realpath(entry.path) in above:
            reason = "a link loop: it leads to a folder above itself"
            rejected.append(Rejected("/".join((name, *entry_parts)), reason))
        elif is_folder:
            yield from _walk(Path(entry.path), entry_parts, above, name, rejected)
        elif _suffix(entry.name) in SOUNDS | SOUND_FONTS and not _plain(entry_parts):
            reason = "its name or a folder's holds a line break, a control character or no UTF-8: rename it"
            rejected.append(Rejected("/".join((name, *entry_parts)), reason))
        else:
            yield entry_parts, Path(entry.path)


def _plain(parts: tuple[str, ...]) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs") for part in parts for character in part)


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _kits(files: list[tuple[str, ...]], name: str, layout: str) -> dict[tuple[str, ...], str]:
    """Kit (source/kit) of each file: the first folder below the source, or with layout `folder` its whole folder.

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
    """Sounds of a SoundFont, with paths source/<file>.sf2/<preset>/<key>-<sample>; each preset is a kit."""
    seen: Counter[str] = Counter()
    for drum in drum_sounds(font.file):
        preset, name, key = _safe(drum.preset), _safe(drum.name), f"{drum.keys[0]:02d}"
        file = name if name.startswith(key) else f"{key}-{name}"
        seen[f"{preset}/{file}"] += 1
        occurrence = seen[f"{preset}/{file}"]
        tail = f"{preset}/{file}" if occurrence == 1 else f"{preset}/{file}~{occurrence}"
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
