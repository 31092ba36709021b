"""Chunks of RIFF and IFF files: a name and a length of four bytes each, then the data, padded to an even length.

Lengths are checked against the file: wrong ones are repaired where the file itself shows the right ones.
"""

import re
import struct
from collections.abc import Collection
from typing import NamedTuple

from drumspace.audio.decode.byte_ranges import Bytes
from drumspace.audio.decode.containers.layout import SLACK, check_whole

STREAMED = 0x7FFFFF00
"""Sizes from here on mean 'unknown' in the headers of files that were written to a pipe."""
_KNOWN = frozenset(
    name.ljust(4).encode()
    for name in [
        "fmt",
        "data",
        "fact",
        "LIST",
        "bext",
        "smpl",
        "inst",
        "cue",
        "JUNK",
        "junk",
        "PAD",
        "FLLR",
        "acid",
        "id3",
        "ID3",
        "iXML",
        "_PMX",
        "PEAK",
        "DISP",
        "plst",
        "cart",
        "strc",
        "ResU",
        "afsp",
        "LGWV",
        "ds64",
        "axml",
        "chna",
        "tlst",
        "minf",
        "elm1",
        "COMM",
        "SSND",
        "FVER",
        "COMT",
        "MARK",
        "INST",
        "NAME",
        "AUTH",
        "ANNO",
        "(c)",
        "APPL",
        "CHAN",
        "basc",
        "MIDI",
        "AESD",
        "trns",
        "cate",
        "VHDR",
        "BODY",
    ]
)
"""Names by which a chunk is recognised where a length is in doubt."""
_NAMES = re.compile(b"|".join(map(re.escape, sorted(_KNOWN))))
_SEARCH = 1 << 20
"""Bytes that are read at once where the next chunk is searched for."""


class Chunk(NamedTuple):
    """Offset and length of a chunk's data (bytes)."""

    start: int
    length: int


def read_chunks(
    source: Bytes, order: str, samples: bytes, needed: Collection[bytes], long_length: int | None = None
) -> dict[bytes, Chunk]:
    """Chunks after the first 12 bytes of a file, the first of each name, until all `needed` ones are found.

    `order`: '<' or '>', of the lengths. `samples`: name of the chunk of samples, whose length is corrected;
    `long_length`: its length where another place states it in 64 bits. Where a length leads into the middle of
    something, the next known chunk is searched for; a missing pad byte is noticed. Raises UnusableSound where the file
    ends before the end of its samples.
    """
    chunks: dict[bytes, Chunk] = {}
    at = 12
    while at + 8 <= source.size and not all(name in chunks for name in needed):
        name, length = struct.unpack(f"{order}4sI", source.at(at, 8))
        start = at + 8
        if name == samples:
            stated = long_length if long_length is not None and length >= STREAMED else length
            length = _samples_length(source, start, stated, order)
        elif not _is_chunk(source, at, order):
            at = _find_chunk(source, at + 1, order)
            continue
        chunks.setdefault(name, Chunk(start, length))
        at = start + length
        if length % 2 and not _is_chunk(source, at, order, _KNOWN):
            at += 1
        if at + 8 <= source.size and not _is_chunk(source, at, order):
            at = _find_chunk(source, start, order)
    return chunks


def samples_end(source: Bytes, start: int, order: str) -> int:
    """Offset at which samples of unknown length end, that begin at `start`: the file's end, less chunks behind them."""
    first = max(start, source.size - _SEARCH)
    tail = source.at(first, source.size - first)
    for match in _NAMES.finditer(tail):
        at = match.start()
        while at + 8 <= len(tail) and tail[at : at + 4] in _KNOWN:
            (length,) = struct.unpack_from(f"{order}I", tail, at + 4)
            at += 8 + length + length % 2
        if at in (len(tail), len(tail) + 1):
            return first + match.start()
    return source.size


def _samples_length(source: Bytes, start: int, stated: int, order: str) -> int:
    """Length of the samples: as stated, or up to the file's end where the file shows that the statement is wrong."""
    held = source.size - start
    if (STREAMED <= stated <= 0xFFFFFFFF and stated > held + SLACK) or stated == 0:
        return samples_end(source, start, order) - start
    check_whole(stated, held)
    behind = start + stated
    (outer,) = struct.unpack(f"{order}I", source.at(4, 4))
    goes_on = outer + 8 >= source.size - SLACK or outer == 0
    pieces = any(_is_chunk(source, at, order) for at in (behind, behind + 1))
    if held - stated > SLACK and goes_on and not pieces:
        return samples_end(source, start, order) - start
    return min(stated, held)


def _is_chunk(source: Bytes, at: int, order: str, names: Collection[bytes] | None = None) -> bool:
    """Whether a chunk begins at `at`: a printable name, or one of `names`, and a length that the file holds."""
    head = source.at(at, 8)
    if len(head) < 8:
        return False
    name, length = struct.unpack(f"{order}4sI", head)
    if name not in (names or (name,)) or not name.strip() or not all(32 <= byte < 127 for byte in name):
        return False
    return at + 8 + length <= source.size or name in (b"data", b"SSND", b"BODY")


def _find_chunk(source: Bytes, start: int, order: str) -> int:
    """Offset of the next known chunk from `start` on, the file's end if there is none."""
    while start + 8 <= source.size:
        block = source.at(start, _SEARCH)
        for match in _NAMES.finditer(block):
            if _is_chunk(source, start + match.start(), order, _KNOWN):
                return start + match.start()
        start += max(1, len(block) - 3)
    return source.size
