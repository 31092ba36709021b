"""Scan sources for sounds without decoding them: paths, kits, instrument names, labels files."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from drumspace.audio.decode.decode import UnusableSound
from drumspace.audio.format.suffixes import KIT_DOCUMENTS, SOUND_FONTS, SOUNDS, suffix_of
from drumspace.dataset.ingest.annotations import Annotation, read_annotations
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.scan.documents import read_documents
from drumspace.dataset.ingest.scan.kits import group_kits, join_drum_folders, join_kits
from drumspace.dataset.ingest.scan.soundfonts import scan_soundfont
from drumspace.dataset.ingest.scan.sounds import Rejected, Scan, Sound
from drumspace.dataset.ingest.scan.walk import SourceFile, Walk
from drumspace.errors import UserError

log = logging.getLogger(__name__)


def scan(sources: Mapping[str, Mapping[str, Any]], raw: Path, unpacked: Path, rules: NamingRules | None = None) -> Scan:
    """List the sounds of all sources in sources.json, sorted by path, and the files rejected by name or position.

    `rules` tell prefixes of kits from names of drums (None: the built-in rules).
    A source's files lie in its `path`, or in `raw`/<name>. Archives are unpacked into the folder `unpacked`, where the
    sounds must stay until they are read. Hidden folders are ignored; other files are counted by suffix. Raises
    UserError: a missing folder, a fetched package without a sound file, unreadable labels, one path in two sources.
    """
    rules = rules or NamingRules.load()
    sounds: dict[str, Sound] = {}
    result = Scan()
    for name, source in sources.items():
        if source["status"] == "skipped":
            continue
        root = Path(source["path"] or raw / name)
        if not root.is_dir():
            raise UserError(
                f"The folder {root} of the source `{name}` does not exist: create it, or correct or remove"
                f" `sources.{name}` in params.yaml, and run fetch again."
            )
        source_sounds = _scan_source(name, source, root, unpacked, rules, result)
        unreadable = any(item.path.startswith(f"{name}/") for item in result.rejected)
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
    result.sounds = [sounds[path] for path in sorted(sounds)]
    return result


def scan_path(path: Path, unpacked: Path, rules: NamingRules) -> Scan:
    """List the sounds of a folder, an archive, a SoundFont or a sound file outside any source.

    Paths are relative to a folder, else to the file's folder. Files of any name are listed. A file that is no folder
    counts as a sound unless its suffix is that of an archive or a SoundFont.
    """
    result = Scan()
    walk = Walk("", result, unpacked, any_name=True)
    if path.is_dir():
        files = list(walk.files(path))
    else:
        files = list(walk.file((path.name,), path))
    source = {"layout": "kit", "licence": None, "synthetic": False}
    sounds = _list_sounds(walk, files, source, rules, {}, any_suffix=not path.is_dir())
    result.sounds = sorted(sounds, key=lambda sound: sound.path)
    return result


def _scan_source(
    name: str, source: Mapping[str, Any], root: Path, unpacked: Path, rules: NamingRules, result: Scan
) -> list[Sound]:
    walk = Walk(name, result, unpacked)
    files = list(walk.files(root))
    annotations = read_annotations(root / source["labels"], blank_is_unknown=True) if source["labels"] else {}
    sounds = _list_sounds(walk, files, source, rules, annotations)
    unused = len(annotations) - sum(sound.annotation is not None for sound in sounds)
    if unused:
        log.warning("%s of `%s`: %d of its rows name no sound there", source["labels"], name, unused)
    return sounds


def _list_sounds(
    walk: Walk,
    files: Sequence[SourceFile],
    source: Mapping[str, Any],
    rules: NamingRules,
    annotations: Mapping[str, Annotation],
    any_suffix: bool = False,
) -> list[Sound]:
    """Sounds among `files`; what is no sound is rejected, or counted as passed over.

    `any_suffix`: whether files of unknown suffixes outside archives are sounds.
    """
    nested = source["layout"] == "source/kit"
    documents = read_documents(files, walk, source["licence"], source.get("licence_files", {}))
    kits = group_kits(
        [entry.names for entry in files if suffix_of(entry.parts[-1]) in SOUNDS], walk.name, source["layout"], rules
    )
    named = [(kit.folder, kit.title, [entry.names for entry in kit.files]) for kit in documents.kits]
    kits = join_drum_folders(join_kits(kits, named), rules)
    sounds: list[Sound] = []
    for entry in files:
        suffix = suffix_of(entry.parts[-1])
        prefix = () if nested and len(entry.parts) > 1 else walk.prefix
        path = (*prefix, *entry.parts)
        reference = documents.references.get(entry.parts)
        sound = Sound(
            path="/".join(path),
            file=entry.file,
            origin=walk.name,
            source=path[0],
            kit=kits.get(entry.names, ""),
            licence=documents.licence(entry.parts),
            synthetic=source["synthetic"],
            instrument=reference.instrument if reference else None,
            keys=reference.keys if reference else None,
            annotation=annotations.get("/".join(entry.parts)),
            name="/".join((*prefix, *entry.names)) if entry.names != entry.parts else None,
        )
        if suffix in SOUNDS or (any_suffix and suffix not in SOUND_FONTS and len(entry.parts) == 1):
            sounds.append(sound)
        elif suffix in SOUND_FONTS:
            try:
                for item in scan_soundfont(sound, annotations, "/".join(entry.parts)):
                    if isinstance(item, Sound):
                        sounds.append(item)
                    else:
                        walk.scan.rejected.append(item)
            except UnusableSound as error:
                walk.scan.rejected.append(Rejected(sound.path, str(error)))
        elif suffix not in KIT_DOCUMENTS and not entry.parts[-1].startswith("."):
            walk.scan.passed_over[suffix] += 1
    return sounds
