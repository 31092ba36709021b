"""Scan sources for sounds without decoding them: paths, kits, instrument names, labels files."""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from drumspace.audio.decode.decode import UnusableSound
from drumspace.dataset.ingest.annotations import Annotation, read_annotations
from drumspace.dataset.ingest.kit_documents.hydrogen import UnreadableKit, read_kit
from drumspace.dataset.ingest.kit_documents.kit_licence import kit_licence
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.scan.kits import group_kits
from drumspace.dataset.ingest.scan.sounds import SOUND_FONTS, SOUNDS, Rejected, Sound
from drumspace.dataset.ingest.scan.walk import suffix, walk
from drumspace.dataset.ingest.soundfont.drum_sounds import drum_sounds
from drumspace.errors import UserError

log = logging.getLogger(__name__)
_OWN_KEYS = frozenset({48, 56})
"""Programs (from 0) of Roland GS drum sets whose keys differ from General MIDI: orchestra and effects."""


def scan(
    sources: Mapping[str, Mapping[str, Any]], raw: Path, rules: NamingRules | None = None
) -> tuple[list[Sound], list[Rejected]]:
    """List the sounds of all sources in sources.json, sorted by path, and the files rejected by name or position.

    `rules` tell prefixes of kits from names of drums (None: the built-in rules).
    A source's files lie in its `path`, or in `raw`/<name>. Files without the suffix of a sound and hidden folders are
    ignored. Raises UserError: a missing folder, a fetched package without a sound file, unreadable labels, one
    path in two sources.
    """
    rules = rules or NamingRules.load()
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
        source_sounds = _scan_source(name, source, root, rules, rejected)
        unreadable = any(item.path.startswith(f"{name}/") for item in rejected)
        if not source_sounds and source["kind"] != "folder" and unreadable:
            log.warning("the source %s gives no sound: none of its files can be read, see quarantine.csv", name)
        elif not source_sounds and source["kind"] != "folder":
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


def _scan_source(
    name: str, source: Mapping[str, Any], root: Path, rules: NamingRules, rejected: list[Rejected]
) -> list[Sound]:
    nested = source["layout"] == "source/kit"
    files = [(parts, file) for parts, file in walk(root, (), (), name, rejected)]
    audio = [parts for parts, _ in files if suffix(parts[-1]) in SOUNDS]
    kits = group_kits(audio, name, source["layout"], rules)
    annotations = read_annotations(root / source["labels"], blank_is_unknown=True) if source["labels"] else {}
    instruments: dict[tuple[str, ...], str] = {}
    licences: dict[tuple[str, ...], str | None] = {(): source["licence"]}
    for parts, file in files:
        if parts[-1].lower() == "drumkit.xml" and file.is_file():
            try:
                kit = read_kit(file)
                licences[parts[:-1]] = kit_licence(kit.licence, source["licence"])
                for played, instrument in kit.instruments.items():
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
            licence=next(licences[parts[:end]] for end in range(len(parts) - 1, -1, -1) if parts[:end] in licences),
            synthetic=source["synthetic"],
            instrument=instruments.get(parts),
            annotation=annotations.get("/".join(parts)),
        )
        if suffix(parts[-1]) in SOUNDS:
            sounds.append(sound)
        elif suffix(parts[-1]) in SOUND_FONTS:
            try:
                sounds += _scan_soundfont(sound, annotations, "/".join(parts))
            except UnusableSound as error:
                rejected.append(Rejected(sound.path, str(error)))
    unused = len(annotations) - sum(sound.annotation is not None for sound in sounds)
    if unused:
        log.warning("%s of `%s`: %d of its rows name no sound there", source["labels"], name, unused)
    return sounds


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
