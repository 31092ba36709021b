"""AU and SND files of Sun and NeXT, big-endian or little-endian."""

import struct

from drumspace.audio.decode.byte_ranges import Bytes, Joined, Range
from drumspace.audio.decode.containers.chunks import STREAMED
from drumspace.audio.decode.containers.layout import Encoded, Layout, Pcm, check_whole
from drumspace.audio.decode.unusable import UnusableSound

_ENCODINGS = {2: "i1", 3: "{}i2", 4: "{}i3", 5: "{}i4", 6: "{}f4", 7: "{}f8"}


def parse_au(source: Bytes) -> Layout:
    """Find the samples of an AU file. Raises UnusableSound."""
    order = ">" if source.at(0, 4) == b".snd" else "<"
    head = source.at(0, 24)
    if len(head) < 24:
        raise UnusableSound("holds no samples")
    offset, length, kind, rate, channels = struct.unpack(f"{order}IIIII", head[4:])
    held = source.size - offset
    if length == 0 or length >= STREAMED:
        length = max(0, held)
    check_whole(length, held)
    data = Range(source, offset, length)
    if not 1 <= channels <= 1024:
        raise UnusableSound(f"damaged AU: {channels} channels")
    if kind in _ENCODINGS:
        return Pcm(data, rate, channels, _ENCODINGS[kind].format(order))
    if data.size >= STREAMED:
        raise UnusableSound("more than 2 GiB of compressed samples")
    return Encoded(Joined([head[:4] + struct.pack(f"{order}IIIII", 24, data.size, kind, rate, channels), data]))
