"""Core Audio Format: chunks with lengths of 64 bits."""

import struct

from drumspace.audio.decode.byte_ranges import Bytes, Joined, Range
from drumspace.audio.decode.containers.layout import Encoded, Layout, Pcm, check_whole
from drumspace.audio.decode.unusable import TRUNCATED, UnusableSound

_NEEDED = (b"desc", b"kuki", b"pakt", b"data")


def parse_caf(source: Bytes) -> Layout:
    """Find the samples of a CAF file. Raises UnusableSound."""
    chunks: dict[bytes, tuple[int, int]] = {}
    at = 8
    while at + 12 <= source.size:
        name, length = struct.unpack(">4sq", source.at(at, 12))
        start = at + 12
        if name == b"data":
            if length in (0, -1):
                length = source.size - start
            check_whole(length, source.size - start)
        elif not 0 <= length <= source.size - start:
            if b"data" in chunks:
                break
            raise UnusableSound(TRUNCATED)
        chunks.setdefault(name, (start, length))
        at = start + length
    if b"desc" not in chunks or chunks[b"desc"][1] < 32:
        raise UnusableSound("damaged CAF: it does not say how its samples are stored (no desc chunk)")
    if b"data" not in chunks:
        raise UnusableSound("holds no samples")
    description = source.at(chunks[b"desc"][0], 32)
    rate, kind, flags, _, _, channels, bits = struct.unpack(">d4sIIIII", description)
    start, length = chunks[b"data"]
    if kind == b"lpcm":
        if not 1 <= channels <= 1024 or not 1 <= bits <= 64 or not 0 <= rate < 1 << 31:
            raise UnusableSound(f"damaged CAF: {channels} channels of {bits} bits")
        width, order = (bits + 7) // 8, "<" if flags & 2 else ">"
        encoding = f"{order}f{width}" if flags & 1 else "i1" if width == 1 else f"{order}i{width}"
        if encoding[1:] in ("i2", "i3", "i4", "f4", "f8") or encoding == "i1":
            return Pcm(Range(source, start + 4, length - 4), round(rate), channels, encoding)
    pieces: list[bytes | Bytes] = [source.at(0, 8)]
    for name in _NEEDED:
        if name in chunks:
            start, length = chunks[name]
            pieces += [struct.pack(">4sq", name, min(length, source.size - start)), Range(source, start, length)]
    return Encoded(Joined(pieces))
