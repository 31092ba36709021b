"""Ogg: pages with checksums and numbers, which show every damaged or missing byte (RFC 3533)."""

import struct
import zlib

from drumspace.audio.decode.byte_ranges import Bytes
from drumspace.audio.decode.containers.layout import Encoded, Layout
from drumspace.audio.decode.unusable import UnusableSound

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_FIRST, _LAST = 2, 4


def parse_ogg(source: Bytes) -> Layout:
    """Check the pages of an Ogg stream. Raises UnusableSound for one that is damaged, missing or cut."""
    at = 0
    numbers: dict[int, int] = {}
    last: dict[int, bool] = {}
    while at < source.size:
        head = source.at(at, 27 + 255)
        if head[:4] != b"OggS":
            if all(last.values()):
                break  # tags behind the end of the sound
            raise UnusableSound("truncated or damaged: between two pages of the Ogg stream are other bytes")
        segments = head[26] if len(head) > 26 else 0
        size = 27 + segments + sum(head[27 : 27 + segments])
        page = source.at(at, size)
        if len(page) < size or len(head) < 27 + segments:
            raise UnusableSound("truncated or damaged: it ends within a page of the Ogg stream")
        flags, serial, number, checksum = page[5], *struct.unpack("<III", page[14:26])
        if checksum != page_checksum(page):
            raise UnusableSound("truncated or damaged: a page of the Ogg stream does not match its checksum")
        if number != numbers.get(serial, number - 1) + 1 and not flags & _FIRST:
            raise UnusableSound("truncated or damaged: a page of the Ogg stream is missing")
        if flags & _FIRST and last and all(last.values()):
            raise UnusableSound("several Ogg streams in a row, of which only the first can be read: save them apart")
        numbers[serial], last[serial] = number, bool(flags & _LAST)
        at += size
    if not all(last.values()):
        raise UnusableSound("truncated or damaged: the Ogg stream ends before its last page")
    return Encoded(source)


def page_checksum(page: bytes) -> int:
    """Checksum of an Ogg page: CRC-32 without reflection, from 0, its own field taken as 0.

    zlib's CRC-32 has the same polynomial with the bits of each byte reversed, so the bytes are reversed before and the
    result after.
    """
    data = (page[:22] + bytes(4) + page[26:]).translate(_REVERSED)
    reflected = zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(reflected.to_bytes(4, "little").translate(_REVERSED), "big")
