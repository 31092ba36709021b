"""Formats that libsndfile reads and whose headers state a length that it does not compare with the file's."""

import re
import struct

from drumspace.audio.decode.byte_ranges import Bytes
from drumspace.audio.decode.unusable import TRUNCATED, UnusableSound

_DUMP_HEADER, _PACKET, _DATA = 21, 127, 120
"""Bytes of a MIDI sample dump's header, of each packet and of the samples in it, which have seven bits a byte."""


def stated_frames(source: Bytes) -> int | None:
    """Samples per channel that the header of an MPC 2000, AVR, NIST or MIDI sample dump file states; None in others.

    Raises UnusableSound for a MIDI sample dump that ends early.
    """
    head = source.at(0, 1024)
    if head[:2] == b"\x01\x04" and len(head) > 42:
        end: int = struct.unpack("<I", head[26:30])[0]
        return end
    if head[:4] == b"2BIT" and len(head) > 30:
        samples: int = struct.unpack(">I", head[26:30])[0]
        return samples
    if head[:7] == b"NIST_1A":
        count = re.search(rb"sample_count -i (\d+)", head)
        return int(count[1]) if count else None
    if head[:2] == b"\xf0\x7e" and head[3:4] == b"\x01" and len(head) > 12:
        low, middle, high = head[10:13]  # seven bits a byte
        return _whole_dump(low | middle << 7 | high << 14, head[6], source.size)
    return None


def _whole_dump(samples: int, bits: int, size: int) -> int:
    """Return `samples`, once the packets of a MIDI sample dump of `size` bytes hold them: libsndfile adds silence."""
    per_packet = _DATA // -(-bits // 7)
    packets = (size - _DUMP_HEADER) // _PACKET
    if packets * per_packet < samples:
        raise UnusableSound(TRUNCATED)
    return samples
