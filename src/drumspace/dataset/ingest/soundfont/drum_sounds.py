"""Drum presets of SoundFont 2 files: samples and their MIDI keys (SoundFont technical specification 2.04)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from drumspace.audio.decode.decode import UnusableSound, check_regular
from drumspace.dataset.ingest.soundfont.samples import Sample

DRUM_BANK = 128
_KEY_RANGE, _INSTRUMENT, _SAMPLE = 43, 41, 53  # generators, section 8.1.2
_RIGHT, _LEFT, _COMPRESSED, _ROM = 2, 4, 0x10, 0x8000  # sample types; 0x10 is what sf3 files add
_RECORDS: dict[str, list[Any]] = {
    "phdr": [("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("first", "<u2"), ("unused", "<u4", 3)],
    "pbag": [("first", "<u2"), ("modulator", "<u2")],
    "pgen": [("operator", "<u2"), ("amount", "<u2")],
    "inst": [("name", "S20"), ("first", "<u2")],
    "ibag": [("first", "<u2"), ("modulator", "<u2")],
    "igen": [("operator", "<u2"), ("amount", "<u2")],
    "shdr": [
        *[("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop", "<u4", 2), ("rate", "<u4")],
        *[("root", "u1"), ("cents", "i1"), ("link", "<u2"), ("type", "<u2")],
    ],
}


@dataclass(frozen=True)
class DrumSound:
    """Sample of a drum preset."""

    preset: str
    program: int
    name: str
    """Name of the sample; for a stereo pair without the suffix of the channel."""
    keys: tuple[int, int]
    """Lowest and highest MIDI key of the sample."""
    sample: Sample


def drum_sounds(path: Path | str) -> list[DrumSound]:
    """List the samples of the drum presets, each once: under the first preset that uses it, at its lowest keys.

    Drum presets are those of bank 128, or the only preset of a file without that bank. Left and right samples become
    one sound. Raises UnusableSound: compressed (sf3), truncated, damaged, no drums.
    """
    check_regular(path)
    with Path(path).open("rb") as file:
        try:
            tables, smpl, smpl_bytes = _tables(file)
            sounds = list(_sounds(tables, smpl, smpl_bytes))
        except (IndexError, ValueError, OverflowError, MemoryError):
            raise UnusableSound("damaged SoundFont: its tables contradict each other") from None
    if not sounds:
        raise UnusableSound(f"a SoundFont without drum presets (bank {DRUM_BANK})")
    return sounds


def _chunks(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Iterate over the RIFF chunks between two byte offsets: (name, offset of the data, size in bytes)."""
    while start + 8 <= end:
        file.seek(start)
        head = file.read(8)
        if len(head) < 8:  # a damaged length that leads beyond the file
            return
        length = int.from_bytes(head[4:], "little")
        yield head[:4], start + 8, length
        start += 8 + length + length % 2


def _tables(file: BinaryIO) -> tuple[dict[str, np.ndarray], int, int]:
    """Read the tables of the preset data; return them with offset and size (bytes) of the sample data."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise UnusableSound("not a SoundFont 2 file")
    if int.from_bytes(head[4:8], "little") + 8 > size + 1:
        raise UnusableSound("truncated: its header states more bytes than the file has")
    inner: dict[bytes, tuple[int, int]] = {}
    for name, start, length in _chunks(file, 12, size):
        if name == b"LIST":
            inner |= {key: (first, count) for key, first, count in _chunks(file, start + 4, start + length)}
    tables = {}
    for table, fields in _RECORDS.items():
        start, length = inner.get(table.encode(), (0, 0))
        file.seek(start)
        tables[table] = np.frombuffer(file.read(length), dtype=np.dtype(fields))
        if not len(tables[table]):
            raise UnusableSound(f"damaged SoundFont: it has no {table} table")
    start, length = inner.get(b"smpl", (0, 0))
    if start + length > size:
        raise UnusableSound("damaged SoundFont: its sample data extend past its end")
    return tables, start, length


def _zones(
    bags: np.ndarray, generators: np.ndarray, owners: np.ndarray, owner: int, target: int
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Iterate over the zones of a preset or instrument: (index of the target, key range).

    A first zone without a target holds the defaults of the others.
    """
    inherited = (0, 127)
    for number, bag in enumerate(range(owners[owner]["first"], owners[owner + 1]["first"])):
        zone = generators[bags[bag]["first"] : bags[bag + 1]["first"]]
        values = dict(zip(zone["operator"].tolist(), zone["amount"].tolist(), strict=True))
        packed = values.get(_KEY_RANGE)
        keys = inherited if packed is None else (packed & 0xFF, packed >> 8)
        if target in values:
            yield values[target], keys
        elif number == 0:
            inherited = keys


def _sounds(tables: dict[str, np.ndarray], smpl: int, smpl_bytes: int) -> Iterator[DrumSound]:
    presets, samples = tables["phdr"], tables["shdr"][:-1]  # the last record only marks the end of the table
    if (samples["type"] & _COMPRESSED).any():
        raise UnusableSound("a SoundFont with compressed samples (sf3): convert it to sf2")
    drums = np.flatnonzero(presets["bank"][:-1] == DRUM_BANK)
    if not len(drums) and len(presets) == 2:
        drums = np.array([0])
    partners = _partners(samples)
    used: set[int] = set()
    for preset in sorted(drums.tolist(), key=lambda number: int(presets["program"][number])):
        zones = sorted(
            (max(low, lower), min(high, upper), index)
            for instrument, (low, high) in _zones(tables["pbag"], tables["pgen"], presets, preset, _INSTRUMENT)
            for index, (lower, upper) in _zones(tables["ibag"], tables["igen"], tables["inst"], instrument, _SAMPLE)
        )
        for low, high, index in zones:
            if low > high or index in used or samples[index]["type"] & _ROM:
                continue
            sides = sorted({index, partners.get(index, index)} - used)
            used.update(sides)
            channels = tuple(
                (
                    smpl + 2 * int(samples[side]["start"]),
                    int(samples[side]["end"]) - int(samples[side]["start"]),
                )
                for side in sides
            )
            if any(count < 0 or first + 2 * count > smpl + smpl_bytes for first, count in channels):
                raise UnusableSound("damaged SoundFont: a sample lies outside the sample data")
            name = _stem(_text(samples[index]["name"])) if len(sides) > 1 else _text(samples[index]["name"])
            yield DrumSound(
                *(_text(presets[preset]["name"]), int(presets[preset]["program"]), name, (low, high)),
                Sample(channels, int(samples[index]["rate"])),
            )


def _partners(samples: np.ndarray) -> dict[int, int]:
    """Map each left or right sample to the index of its other channel.

    Pairs are found by mutual links, else by name ('Kick(L)', 'Kick(R)'), because common files have all links at 0.
    """
    sample_types, links = (samples["type"] & 0xF).tolist(), samples["link"].tolist()
    named: dict[tuple[str, int, int], int] = {}
    for index, sample_type in enumerate(sample_types):
        named.setdefault((_stem(_text(samples[index]["name"])), sample_type, int(samples[index]["rate"])), index)
    pairs: dict[int, int] = {}
    for index, sample_type in enumerate(sample_types):
        if sample_type != _LEFT:
            continue
        other = links[index]
        if not (other < len(sample_types) and sample_types[other] == _RIGHT and links[other] == index):
            partner = named.get((_stem(_text(samples[index]["name"])), _RIGHT, int(samples[index]["rate"])))
            if partner is None:
                continue
            other = partner
        if other not in pairs and samples[other]["rate"] == samples[index]["rate"]:
            pairs |= {index: other, other: index}
    return pairs


def _text(raw: bytes) -> str:
    return bytes(raw).split(b"\0")[0].decode("latin-1").strip()


def _stem(name: str) -> str:
    return re.sub(r"[\s_-]*(\([LR]\)?|(?<=[\s_-])[LR])$", "", name)
