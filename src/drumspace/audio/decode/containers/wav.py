"""WAV in its forms: RIFF, RIFX (big-endian), RF64 and BW64 (64-bit lengths), and Sony Wave64."""

import struct

from drumspace.audio.decode.byte_ranges import Bytes, Joined, Range
from drumspace.audio.decode.containers.chunks import STREAMED, Chunk, read_chunks
from drumspace.audio.decode.containers.layout import Encoded, Layout, Nested, Pcm, check_whole
from drumspace.audio.decode.unusable import UnusableSound

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_FRAMED = (0x50, 0x55, 0xF1AC, 0x674F, 0x6750, 0x6751, 0x676F, 0x6770, 0x6771)
"""Formats whose data are a stream of their own, with its own header: MPEG audio, FLAC, Ogg Vorbis."""
_WAVE64_END = bytes.fromhex("f3acd3118cd100c04f8edb8a")
"""The last 12 bytes of the identifiers of Wave64 chunks; the first four are the names of WAV's."""


def parse_wav(source: Bytes) -> Layout | Nested:
    """Find the samples of a RIFF, RIFX, RF64 or BW64 file. Raises UnusableSound."""
    order = ">" if source.at(0, 4) == b"RIFX" else "<"
    long_length = None
    if source.at(0, 4) in (b"RF64", b"BW64") and source.at(12, 4) == b"ds64":
        (long_length,) = struct.unpack("<Q", source.at(28, 8).ljust(8, b"\0"))
        long_length = 0 if long_length >= 1 << 62 else long_length  # both mean unknown
    chunks = read_chunks(source, order, b"data", (b"fmt ", b"data"), long_length)
    return _layout(source, chunks, order)


def parse_wave64(source: Bytes) -> Layout | Nested:
    """Find the samples of a Wave64 file: identifiers of 16 bytes, lengths of 8. Raises UnusableSound."""
    chunks: dict[bytes, Chunk] = {}
    at = 40
    while at + 24 <= source.size and not (b"fmt " in chunks and b"data" in chunks):
        head = source.at(at, 24)
        (length,) = struct.unpack("<Q", head[16:])
        start = at + 24
        if head[4:16] != _WAVE64_END:
            break
        if head[:4] == b"data":
            if length <= 24 or length >= 1 << 62:
                length = source.size - at
            check_whole(length - 24, source.size - start)
        elif not 24 <= length <= source.size - at:
            break
        chunks.setdefault(head[:4], Chunk(start, length - 24))
        at += length + -length % 8
    return _layout(source, chunks, "<")


def _layout(source: Bytes, chunks: dict[bytes, Chunk], order: str) -> Layout | Nested:
    if b"fmt " not in chunks or chunks[b"fmt "].length < 14:
        raise UnusableSound("damaged WAV: it does not say how its samples are stored (no `fmt ` chunk)")
    if b"data" not in chunks:
        raise UnusableSound("damaged WAV: it has no samples (no `data` chunk)")
    form = source.at(chunks[b"fmt "].start, min(chunks[b"fmt "].length, 1 << 16)).ljust(16, b"\0")
    tag, channels, rate, _, block, bits = struct.unpack(f"{order}HHIIHH", form[:16])
    if tag == _EXTENSIBLE and len(form) >= 26:
        (tag,) = struct.unpack(f"{order}H", form[24:26])
    data = Range(source, *chunks[b"data"])
    if not channels or channels > 1024:
        raise UnusableSound(f"damaged WAV: {channels} channels")
    width = block // channels if block and block % channels == 0 and block * 8 >= bits * channels else (bits + 7) // 8
    if tag == _PCM and 1 <= width <= 4:
        return Pcm(data, rate, channels, "u1" if width == 1 else f"{order}i{width}")
    if tag == _FLOAT and width in (4, 8):
        return Pcm(data, rate, channels, f"{order}f{width}")
    fact = source.at(chunks[b"fact"].start, 4) if b"fact" in chunks and chunks[b"fact"].length >= 4 else b""
    frames = struct.unpack(f"{order}I", fact)[0] if len(fact) == 4 else None
    return Nested(data) if tag in _FRAMED else Encoded(_minimal(form, fact, data, order), at_most=frames)


def _minimal(form: bytes, fact: bytes, data: Bytes, order: str) -> Joined:
    """A WAV of the chunks that decoding needs."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(f"{order}4sI", name, len(content)) + content + bytes(len(content) % 2)

    if data.size >= STREAMED:
        raise UnusableSound("more than 2 GiB of compressed samples")
    body = b"WAVE" + chunk(b"fmt ", form) + (chunk(b"fact", fact) if fact else b"")
    size = len(body) + 8 + data.size + data.size % 2
    head = struct.pack(f"{order}4sI", b"RIFX" if order == ">" else b"RIFF", size) + body
    return Joined([head + struct.pack(f"{order}4sI", b"data", data.size), data, bytes(data.size % 2)])
