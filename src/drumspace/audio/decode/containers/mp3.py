"""MP3: the frames are counted, and the counting frame at their start is added or corrected.

libsndfile reads as many samples as that frame ('Xing' or 'Info') states; without it, as many as the first frame's bit
rate lets it guess, and no more.
"""

from drumspace.audio.decode.byte_ranges import Bytes, Joined, Range
from drumspace.audio.decode.containers.layout import Encoded, Layout
from drumspace.audio.decode.unusable import TRUNCATED, UnusableSound

_BITRATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits per second by (MPEG version, layer) and the number in the header."""
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3", b"\0\0\0\0")
_JUNK = 4096
"""Bytes before the first frame that are skipped."""
_BLOCK = 1 << 20
_SURE_FRAMES = 3


def parse_mp3(source: Bytes) -> Layout | None:
    """Count the frames of an MPEG audio stream; None if there are none. Raises UnusableSound: cut, or a gap in it."""
    first = _first_frame(source)
    if first is None:
        return None
    head = source.at(first, 4)
    size = _frame(head) or 0
    offset = _counting_offset(head)
    opening = source.at(first, size)
    counting = opening[offset : offset + 4] in (b"Xing", b"Info") or opening[36:40] == b"VBRI"
    frames = _count(source, first + size if counting else first)
    if counting and opening[36:40] != b"VBRI" and opening[offset + 7] & 1:
        stated = int.from_bytes(opening[offset + 8 : offset + 12], "big")
        if stated > frames + 1:  # some encoders count this frame too
            raise UnusableSound(TRUNCATED)
        if stated in (frames, frames + 1):
            return Encoded(Range(source, first, source.size), frames=None)
        opening = opening[: offset + 8] + frames.to_bytes(4, "big") + opening[offset + 12 :]
        return Encoded(Joined([opening, Range(source, first + size, source.size)]))
    if not counting:
        size = 0
    return Encoded(Joined([_counting_frame(head, frames), Range(source, first + size, source.size)]))


def starts_with_frames(source: Bytes) -> bool:
    """Whether a few frames of one kind in a row lie at the very start: no other bytes look so by chance."""
    at = 0
    for _ in range(_SURE_FRAMES):
        head = source.at(at, 4)
        size = _frame(head)
        if size is None or not _same_kind(head, source.at(0, 4)):
            return False
        at += size
    return True


def _first_frame(source: Bytes) -> int | None:
    """Offset of the first frame, which another one of the same kind follows or the end of the file."""
    data = source.at(0, _JUNK + 4096)
    for at in range(min(_JUNK, len(data) - 4)):
        if data[at] == 0xFF and (frame := _frame(data[at : at + 4])):
            following = source.at(at + frame, 4)
            if (len(following) < 4 and at == 0) or _same_kind(following, data[at : at + 4]):
                return at
            if at == 0 and following.startswith(_TAGS):
                return at
    return None


def _count(source: Bytes, at: int) -> int:
    """Number of frames from `at` to the end of the stream."""
    opening = source.at(at, 4)
    count, base = 0, at
    block = source.at(base, _BLOCK)
    while at + 4 <= source.size:
        if at + 4 > base + len(block):
            base, block = at, source.at(at, _BLOCK)
        head = block[at - base : at - base + 4]
        frame = _frame(head)
        if frame is None or not _same_kind(head, opening):
            if head.startswith((b"TAG", b"APET", b"LYRI", b"ID3")) or not _goes_on(source, at, opening):
                break
            raise UnusableSound("truncated or damaged: between two frames of the MP3 are other bytes")
        if at + frame > source.size:
            raise UnusableSound("truncated or damaged: it ends within a frame of the MP3")
        count += 1
        at += frame
    return count


def _goes_on(source: Bytes, at: int, opening: bytes) -> bool:
    """Whether two frames in a row of the same kind as `opening` lie behind `at`."""
    data = source.at(at, _BLOCK)
    start = 0
    while (start := data.find(opening[:1], start + 1)) >= 0:
        head = data[start : start + 4]
        frame = _frame(head) if _same_kind(head, opening) else None
        if frame and _same_kind(data[start + frame : start + frame + 4], opening):
            return True
    return False


def _same_kind(head: bytes, opening: bytes) -> bool:
    """Whether two headers agree in version, layer and sample rate."""
    agree = head[:1] == opening[:1] and head[1:2] and (head[1] ^ opening[1]) & 0xFE == 0
    return bool(agree and len(head) == 4 and (head[2] ^ opening[2]) & 0x0C == 0 and _frame(head))


def _frame(head: bytes) -> int | None:
    """Bytes of the frame with this header; None if it is none, or of free format."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    rate_code, bitrate_code = head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or layer == 4 or rate_code == 3 or bitrate_code in (0, 15):
        return None
    rate = _RATES[version][rate_code]
    bitrate = 1000 * _BITRATES[1 if version == 3 else 2, layer][bitrate_code]
    padding = head[2] >> 1 & 1
    if layer == 1:
        return (12 * bitrate // rate + padding) * 4
    samples = 576 if layer == 3 and version != 3 else 1152
    return samples // 8 * bitrate // rate + padding


def _counting_offset(head: bytes) -> int:
    """Offset of 'Xing' in a frame with this header: behind the side information."""
    mono = head[3] >> 6 == 3
    if head[1] >> 3 & 3 == 3:
        return 21 if mono else 36
    return 13 if mono else 21


def _counting_frame(head: bytes, frames: int) -> bytes:
    """A silent frame that states the number of frames behind it, in the form of a frame with the header `head`."""
    fields = bytes([0xFF, head[1] | 1])  # without a checksum
    for code in range(1, 15):
        header = fields + bytes([code << 4 | head[2] & 0x0C, head[3]])
        frame = _frame(header)
        offset = _counting_offset(header)
        if frame and frame >= offset + 12:
            return (header + bytes(offset - 4) + b"Xing\0\0\0\1" + frames.to_bytes(4, "big")).ljust(frame, b"\0")
    return b""
