"""Tables of SoundFont files (SoundFont technical specification 2.04): presets, instruments, samples."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from drumspace.audio.decode.decode import UnusableSound

_KEY_RANGE, _INSTRUMENT, _SAMPLE = 43, 41, 53  # generators, section 8.1.2
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
MAX_GENERATORS = 5_000_000
"""Generators read in all: damaged tables may refer to each other without end."""
Keys = tuple[int, int]
"""Lowest and highest MIDI key."""


@dataclass
class Tables:
    """Records of a file, without those that only mark the ends of tables, and the position of its sample data."""

    records: dict[str, np.ndarray]
    data_start: int
    """Byte offset of the sample data."""
    data_bytes: int
    generators_left: int = MAX_GENERATORS

    @property
    def presets(self) -> np.ndarray:
        """Headers of the presets: name, program, bank."""
        return self.records["phdr"][:-1]

    @property
    def samples(self) -> np.ndarray:
        """Headers of the samples: name, start, end, rate, link, type."""
        return self.records["shdr"][:-1]

    def zones(self, preset: int) -> list[tuple[int, int, int]]:
        """Zones of a preset, sorted: lowest key, highest key, index of the sample. Both ranges must hold.

        Raises IndexError or ValueError for tables that contradict each other.
        """
        ranges = [
            (max(low, lower), min(high, upper), index)
            for instrument, (low, high) in self._zones("phdr", "pbag", "pgen", preset, _INSTRUMENT)
            for index, (lower, upper) in self._zones("inst", "ibag", "igen", instrument, _SAMPLE)
        ]
        return sorted((low, high, index) for low, high, index in ranges if low <= high)

    def _zones(self, owners: str, bags: str, generators: str, owner: int, target: int) -> Iterator[tuple[int, Keys]]:
        """Iterate over the zones of a preset or instrument: (index of the target, key range).

        A first zone without a target holds the defaults of the others.
        """
        inherited = (0, 127)
        first, last = self.records[owners]["first"][owner : owner + 2].tolist()
        for number, bag in enumerate(range(first, last)):
            start, end = self.records[bags]["first"][bag : bag + 2].tolist()
            zone = self.records[generators][start:end]
            self.generators_left -= 1 + len(zone)
            if self.generators_left < 0:
                raise ValueError("too many zones")
            values = dict(zip(zone["operator"].tolist(), zone["amount"].tolist(), strict=True))
            packed = values.get(_KEY_RANGE)
            keys = inherited if packed is None else (packed & 0xFF, packed >> 8)
            if target in values:
                yield values[target], keys
            elif number == 0:
                inherited = keys


def read_tables(file: BinaryIO) -> Tables:
    """Read the tables of an open file. Raises UnusableSound: no SoundFont, truncated, a table is missing."""
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
    records = {}
    for table, fields in _RECORDS.items():
        start, length = inner.get(table.encode(), (0, 0))
        file.seek(start)
        records[table] = np.frombuffer(file.read(length), dtype=np.dtype(fields))
        if not len(records[table]):
            raise UnusableSound(f"damaged SoundFont: it has no {table} table")
    start, length = inner.get(b"smpl", (0, 0))
    if start + length > size:
        raise UnusableSound("damaged SoundFont: its sample data extend past its end")
    return Tables(records, start, length)


def text(raw: bytes) -> str:
    """Text of a name in a record."""
    return bytes(raw).split(b"\0")[0].decode("latin-1").strip()


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
