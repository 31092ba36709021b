"""Sounds of a SoundFont's drum presets."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from drumspace.audio.decode.outcome import read_guarded
from drumspace.dataset.ingest.annotations import Annotation
from drumspace.dataset.ingest.scan.sounds import Rejected, Sound
from drumspace.dataset.ingest.soundfont.drum_sounds import drum_sounds


def scan_soundfont(font: Sound, annotations: Mapping[str, Annotation], inside: str) -> Iterator[Sound | Rejected]:
    """Sounds of a SoundFont, with paths source/<file>.sf2/<preset>/<key>-<sample>; each preset is a kit.

    Samples that are not in the file are rejected. `inside`: path of the font from the source's root, as annotations
    write it. The naming rules don't see the font's own name, which is that of a product. Raises UnusableSound.
    """
    seen: Counter[str] = Counter()
    stem = PurePosixPath(font.path).stem
    above = font.named.rpartition("/")[0]
    for drum in read_guarded(drum_sounds, font.file):  # tables that refer to each other may take forever
        preset, name, key = _safe(drum.preset), _safe(drum.name), f"{drum.keys[0]:02d}"
        file = name if name.startswith(key) else f"{key}-{name}"
        seen[f"{preset}/{file}"] += 1
        occurrence = seen[f"{preset}/{file}"]
        tail = f"{preset}/{file}" if occurrence == 1 else f"{preset}/{file}~{occurrence}"
        if drum.sample is None:
            yield Rejected(f"{font.path}/{tail}", drum.problem)
            continue
        yield replace(
            font,
            path=f"{font.path}/{tail}",
            name=f"{above}/{tail}",
            kit=f"{font.source}/{stem} {preset}",
            instrument=drum.name,
            keys=drum.keys if drum.general_midi else None,
            sample=drum.sample,
            annotation=annotations.get(f"{inside}/{tail}"),
        )


def _safe(name: str) -> str:
    return re.sub(r"[^\w .+#()&-]", "_", name).strip(" .") or "_"
