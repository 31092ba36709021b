"""AIFF, AIFF-C, and the IFF sampled voices of the Amiga (8SVX, 16SV)."""

import struct

from drumspace.audio.decode.byte_ranges import Bytes, Joined, Range
from drumspace.audio.decode.containers.chunks import read_chunks
from drumspace.audio.decode.containers.layout import Encoded, Layout, Pcm, check_whole
from drumspace.audio.decode.unusable import UnusableSound

_KINDS = {
    **{b"sowt": "<i2", b"raw ": "u1", b"in24": ">i3", b"in32": ">i4", b"42ni": "<i3", b"42n1": "<i3", b"23ni": "<i4"},
    **{b"fl32": ">f4", b"FL32": ">f4", b"fl64": ">f8", b"FL64": ">f8"},
}
"""Encodings of the kinds of AIFF-C that are uncompressed and do not follow from the bits of a sample."""


def parse_aiff(source: Bytes) -> Layout:
    """Find the samples of an AIFF or AIFF-C file. Raises UnusableSound."""
    chunks = read_chunks(source, ">", b"SSND", (b"COMM", b"SSND"))
    if b"COMM" not in chunks or chunks[b"COMM"].length < 18:
        raise UnusableSound("damaged AIFF: it does not say how its samples are stored (no COMM chunk)")
    if b"SSND" not in chunks:
        raise UnusableSound("holds no samples")
    common = source.at(chunks[b"COMM"].start, chunks[b"COMM"].length)
    channels, frames, bits = struct.unpack(">hIh", common[:8])
    compressed = source.at(8, 4) == b"AIFC" and len(common) >= 22
    kind = common[18:22] if compressed else b"NONE"
    start, length = chunks[b"SSND"]
    (offset,) = struct.unpack(">I", source.at(start, 4).ljust(4, b"\0"))
    data = Range(source, start + 8 + offset, length - 8 - offset)
    width = (bits + 7) // 8
    if channels < 1 or not 1 <= width <= 8:
        raise UnusableSound(f"damaged AIFF: {channels} channels of {bits} bits")
    if kind in _KINDS or (kind in (b"NONE", b"twos") and width <= 4):
        encoding = _KINDS.get(kind) or ("i1" if width == 1 else f">i{width}")
        if kind == b"sowt" and width != 2:
            encoding = "i1" if width == 1 else f"<i{width}"
        block = int(encoding[-1]) * channels
        if 0 < frames < 1 << 31:
            check_whole(frames * block, data.size)
            if data.size - frames * block < block + 8:  # more means that the number of frames is wrong
                data = Range(data, 0, frames * block)
        return Pcm(data, _extended(common[8:18]), channels, encoding)
    head = b"FVER" + struct.pack(">II", 4, 0xA2805140)
    head += b"COMM" + struct.pack(">I", len(common)) + common + bytes(len(common) % 2)
    head += b"SSND" + struct.pack(">III", data.size + 8, 0, 0)
    form = source.at(8, 4) + head
    return Encoded(Joined([b"FORM" + struct.pack(">I", len(form) + data.size) + form, data, bytes(data.size % 2)]))


def parse_voice(source: Bytes) -> Layout:
    """Find the samples of an 8SVX or 16SV file: big-endian, one channel. Raises UnusableSound."""
    chunks = read_chunks(source, ">", b"BODY", (b"VHDR", b"BODY"))
    if b"VHDR" not in chunks or b"BODY" not in chunks or chunks[b"VHDR"].length < 20:
        raise UnusableSound("damaged 8SVX: it lacks its header or its samples")
    rate, _, compression = struct.unpack(">HBB", source.at(chunks[b"VHDR"].start + 12, 4))
    if compression:
        raise UnusableSound("a compressed 8SVX: save it uncompressed, or as WAV")
    return Pcm(Range(source, *chunks[b"BODY"]), rate, 1, "i1" if source.at(8, 4) == b"8SVX" else ">i2")


def _extended(data: bytes) -> int:
    """The integer part of an 80-bit extended float, as AIFF stores sample rates."""
    exponent, mantissa = struct.unpack(">HQ", data)
    shift = 63 - ((exponent & 0x7FFF) - 16383)
    return int(mantissa >> shift) if 0 <= shift < 64 else 0
