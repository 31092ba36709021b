"""Creative Voice files: blocks of a type byte and a length of three bytes."""

import struct

from drumspace.audio.decode.byte_ranges import Bytes, Joined, Range
from drumspace.audio.decode.containers.layout import SLACK, Encoded, Layout, Pcm
from drumspace.audio.decode.unusable import TRUNCATED, UnusableSound

_END, _SOUND, _CONTINUED, _SILENCE, _EXTENDED, _NEW = 0, 1, 2, 3, 8, 9
_CODECS = {0: "u1", 4: "<i2"}
_LAW = {6: 6, 7: 7}
"""A-law and µ-law have the same numbers here as in WAV."""


def parse_voc(source: Bytes) -> Layout:
    """Find the samples of a VOC file; a later block of another format ends it. Raises UnusableSound."""
    (at,) = struct.unpack("<H", source.at(20, 2).ljust(2, b"\0"))
    form: tuple[int, int, int] | None = None
    extended: tuple[int, int] | None = None
    pieces: list[bytes | Bytes] = []
    while at < source.size and (kind := source.at(at, 1)[0]) != _END:
        length = int.from_bytes(source.at(at + 1, 3), "little")
        start = at + 4
        if start + length > source.size + (SLACK if pieces else 0):
            raise UnusableSound(TRUNCATED)
        head = source.at(start, 12).ljust(12, b"\0")
        if kind == _EXTENDED:
            (divisor,) = struct.unpack("<H", head[:2])
            channels = head[3] + 1
            extended = (256_000_000 // (65536 - divisor) // channels, channels)
        elif kind in (_SOUND, _NEW):
            skip = 2 if kind == _SOUND else 12
            if kind == _SOUND:
                rate, channels = extended or (1_000_000 // (256 - head[0]), 1)
                fresh = (rate, channels, head[1])
            else:
                rate, _, channels, codec = struct.unpack("<IBBH", head[:8])
                fresh = (rate, channels, codec)
            if form not in (None, fresh):
                break
            form, extended = fresh, None
            pieces.append(Range(source, start + skip, length - skip))
        elif kind == _CONTINUED and form:
            pieces.append(Range(source, start, length))
        elif kind == _SILENCE and form and form[2] in _CODECS:
            count = struct.unpack("<H", head[:2])[0] + 1
            pieces.append((b"\x80" if form[2] == 0 else b"\0\0") * count)
        at = start + length
    if form is None or not 1 <= form[1] <= 2:
        raise UnusableSound("holds no samples")
    rate, channels, codec = form
    data = Joined(pieces)
    if codec in _CODECS:
        return Pcm(data, rate, channels, _CODECS[codec])
    if codec not in _LAW:
        raise UnusableSound("a VOC with compressed samples: save it as WAV")
    fields = struct.pack("<4sIHHIIHH", b"fmt ", 16, _LAW[codec], channels, rate, rate * channels, channels, 8)
    head = b"RIFF" + struct.pack("<I", 36 + data.size) + b"WAVE" + fields + struct.pack("<4sI", b"data", data.size)
    return Encoded(Joined([head, data]))
