"""Drum presets of SoundFont files: samples and their MIDI keys."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drumspace.audio.decode.decode import UnusableSound, check_regular
from drumspace.dataset.ingest.soundfont.samples import Sample
from drumspace.dataset.ingest.soundfont.stereo_pairs import stereo_pairs, without_side
from drumspace.dataset.ingest.soundfont.tables import Keys, Tables, read_tables, text

DRUM_BANKS = (128, 127, 120, 126)
"""Banks of drum presets: of the specification, then of Yamaha XG, General MIDI 2 and Roland GS, and XG's effects."""
_OWN_KEYS = frozenset({48, 56})
"""Programs (from 0) of drum sets whose keys differ from General MIDI: orchestra and effects."""
_XG_EFFECTS = 126
_VORBIS, _ROM = 0x10, 0x8000
"""Flags of a sample's type: an Ogg Vorbis stream (sf3), and data in the memory of a synthesiser."""


@dataclass(frozen=True)
class DrumSound:
    """Sample of a drum preset."""

    preset: str
    general_midi: bool
    """Whether the keys are those of General MIDI."""
    name: str
    """Name of the sample; for a stereo pair without the suffix of the channel."""
    keys: Keys
    """Lowest and highest MIDI key of the sample."""
    sample: Sample | None
    problem: str = ""
    """Why there is no sample."""


def drum_sounds(path: Path | str) -> list[DrumSound]:
    """List the samples of the drum presets, each once: under the first preset that uses it, at its lowest keys.

    Drum presets are those of DRUM_BANKS, or the only preset of a file without them. Left and right samples become one
    sound. Raises UnusableSound: truncated, damaged, no drums, none with a sample in the file.
    """
    check_regular(path)
    with Path(path).open("rb") as file:
        try:
            tables = read_tables(file)
            presets = _drum_presets(tables.presets)
            zones = {preset: tables.zones(preset) for preset in presets}
            sounds = list(_sounds(tables, zones))
        except (IndexError, ValueError, OverflowError, MemoryError):
            raise UnusableSound("damaged SoundFont: its tables contradict each other") from None
    if not presets:
        banks = ", ".join(map(str, sorted(DRUM_BANKS)))
        raise UnusableSound(f"a SoundFont without drum presets: none lies in the banks {banks}")
    if not any(sound.sample for sound in sounds):
        raise UnusableSound(sounds[0].problem if sounds else "a SoundFont whose drum presets have no samples")
    return sounds


def _drum_presets(presets: np.ndarray) -> list[int]:
    """Indices of the drum presets, in the order of DRUM_BANKS and of their programs."""
    drums = np.flatnonzero(np.isin(presets["bank"], DRUM_BANKS)).tolist()
    if not drums and len(presets) == 1:
        drums = [0]

    def order(number: int) -> tuple[int, int]:
        bank = int(presets["bank"][number])
        return DRUM_BANKS.index(bank) if bank in DRUM_BANKS else 0, int(presets["program"][number])

    return sorted(drums, key=order)


def _sounds(tables: Tables, zones: dict[int, list[tuple[int, int, int]]]) -> Iterator[DrumSound]:
    """`zones`: those of each drum preset."""
    samples = tables.samples
    keys: dict[int, set[Keys]] = defaultdict(set)
    for low, high, index in (zone for preset_zones in zones.values() for zone in preset_zones):
        keys[index].add((low, high))
    partners = stereo_pairs(samples, keys)
    used: set[int] = set()
    for preset, preset_zones in zones.items():
        header = tables.presets[preset]
        general_midi = header["bank"] != _XG_EFFECTS and int(header["program"]) not in _OWN_KEYS
        for low, high, index in preset_zones:
            if index in used:
                continue
            sides = sorted({index, partners.get(index, index)} - used)
            used.update(sides)
            name = text(samples[index]["name"])
            try:
                sample, problem = _sample(tables, sides), ""
            except UnusableSound as error:
                sample, problem = None, str(error)
            yield DrumSound(
                text(header["name"]),
                general_midi,
                without_side(name) if len(sides) > 1 else name,
                (low, high),
                sample,
                problem,
            )


def _sample(tables: Tables, sides: list[int]) -> Sample:
    headers = tables.samples[sides]
    if (headers["type"] & _ROM).any():
        raise UnusableSound("its samples lie in the memory (ROM) of a synthesiser or sound card, not in this file")
    compressed = bool((headers["type"] & _VORBIS).any())
    if compressed and not (headers["type"] & _VORBIS).all():
        raise UnusableSound("damaged SoundFont: only one channel of a sample is compressed")
    width = 1 if compressed else 2
    channels = tuple(
        (tables.data_start + width * int(header["start"]), int(header["end"]) - int(header["start"]))
        for header in headers
    )
    end = tables.data_start + tables.data_bytes
    if any(count < 0 or first + width * count > end for first, count in channels):
        raise UnusableSound("damaged SoundFont: a sample lies outside the sample data")
    return Sample(channels, int(headers[0]["rate"]), compressed)
