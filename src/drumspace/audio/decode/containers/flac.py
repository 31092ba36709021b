"""FLAC: the length in the header is checked against the last frame of the stream (RFC 9639)."""

from drumspace.audio.decode.byte_ranges import Bytes, Joined, Range
from drumspace.audio.decode.containers.layout import Encoded, Layout
from drumspace.audio.decode.unusable import TRUNCATED, UnusableSound

_TAIL = 1 << 16
"""Bytes at the end in which the last frame is searched for, at first."""
_BLOCK_SIZES = {1: 192, **{code: 576 << code - 2 for code in range(2, 6)}, **{code: 1 << code for code in range(8, 16)}}
_LENGTH_FIELD = 21
"""Offset of the byte whose lower half begins the 36 bits of the number of samples."""


def parse_flac(source: Bytes) -> Layout:
    """Find the length of a FLAC stream. Raises UnusableSound where the file ends within its header."""
    head = source.at(0, 42)
    if len(head) < 42 or head[4] & 0x7F != 0:
        raise UnusableSound(TRUNCATED)
    at, final = 4, False
    while not final:
        block = source.at(at, 4)
        if len(block) < 4 or at + 4 + int.from_bytes(block[1:], "big") > source.size:
            raise UnusableSound(TRUNCATED)
        final = bool(block[0] & 0x80)
        at += 4 + int.from_bytes(block[1:], "big")
    stated = int.from_bytes(head[_LENGTH_FIELD : _LENGTH_FIELD + 5], "big") & ((1 << 36) - 1)
    held = _frames(source, at, int.from_bytes(head[8:10], "big"))
    if held is None or stated >= held:
        if not stated:
            raise UnusableSound(TRUNCATED)
        return Encoded(source, frames=stated)
    field = (head[_LENGTH_FIELD] & 0xF0) << 32 | held
    repaired = head[:_LENGTH_FIELD] + field.to_bytes(5, "big") + head[_LENGTH_FIELD + 5 :]
    return Encoded(Joined([repaired, Range(source, 42, source.size)]), frames=held)


def _frames(source: Bytes, first: int, block_size: int) -> int | None:
    """Samples per channel up to the end of the last frame; None if no frame is found.

    The decoder itself checks that frame's checksum: a false one does not pass for a whole sound.
    """
    opening = source.at(first, 4)
    size = _TAIL
    while len(opening) == 4:
        start = max(first, source.size - size)
        tail = source.at(start, source.size - start)
        at = len(tail)
        while (at := tail.rfind(opening[:2], 0, at)) >= 0:
            if tail[at + 3] & 0xFE == opening[3] & 0xFE if at + 3 < len(tail) else False:
                end = _frame_end(tail[at : at + 16], block_size)
                if end is not None:
                    return end
        if start == first:
            break
        size *= 8
    return None


def _frame_end(head: bytes, block_size: int) -> int | None:
    """Number of samples up to the end of the frame with this header; None if it is no frame header."""
    if len(head) < 6 or head[2] >> 4 == 0 or head[2] & 15 == 15:
        return None
    leading = 8 - (head[4] ^ 0xFF).bit_length()
    length = max(1, leading)
    if leading == 1 or leading > 7 or len(head) < 4 + length + 5:
        return None
    number = head[4] & (0x7F >> leading)
    for byte in head[5 : 4 + length]:
        if byte & 0xC0 != 0x80:
            return None
        number = number << 6 | byte & 0x3F
    at = 4 + length
    code = head[2] >> 4
    if code in (6, 7):
        samples = int.from_bytes(head[at : at + code - 5], "big") + 1
        at += code - 5
    else:
        samples = _BLOCK_SIZES[code]
    at += {12: 1, 13: 2, 14: 2}.get(head[2] & 15, 0)
    if _crc8(head[:at]) != head[at]:
        return None
    return (number if head[1] & 1 else number * block_size) + samples


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x107) if value & 0x80 else value << 1
    return value
