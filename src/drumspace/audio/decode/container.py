"""Truncation check for containers: libsndfile reads a file that is shorter than its header states without an error."""

import os
import struct
from pathlib import Path
from typing import BinaryIO

from drumspace.audio.decode.wav import SLACK, STREAMED

_OGG_PAGE = 27 + 255 + 255 * 255
"""Bytes of the longest possible Ogg page."""


def is_truncated(path: Path | str) -> bool:
    """Whether the header of a WAV, AIFF, AU or Ogg file places the end of the sound data past the end of the file."""
    with open(path, "rb") as file:  # noqa: PTH123
        size = os.fstat(file.fileno()).st_size
        head = file.read(12)
        if head[:4] in (b"RIFF", b"RIFX") and head[8:] == b"WAVE":
            return _chunk_is_cut(file, size, b"data", "<" if head[:4] == b"RIFF" else ">")
        if head[:4] == b"FORM" and head[8:] in (b"AIFF", b"AIFC"):
            return _chunk_is_cut(file, size, b"SSND", ">")
        if head[:4] in (b".snd", b"dns."):
            offset, length = struct.unpack((">" if head[:4] == b".snd" else "<") + "II", head[4:])
            return bool(length < STREAMED and offset + length > size + SLACK)
        return head[:4] == b"OggS" and _last_page_is_cut(file, size)


def _chunk_is_cut(file: BinaryIO, size: int, chunk: bytes, order: str) -> bool:
    """Whether the named chunk is truncated. Each chunk starts with a name and a length of 4 bytes each."""
    at = 12
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack(order + "4sI", file.read(8))
        if name == chunk:
            return bool(length < STREAMED and at + 8 + length > size + SLACK)
        at += 8 + length + length % 2
    return False


def _last_page_is_cut(file: BinaryIO, size: int) -> bool:
    """Whether the last Ogg page is truncated: its header lists the lengths of its segments."""
    file.seek(max(0, size - _OGG_PAGE))
    tail = file.read()
    at = tail.rfind(b"OggS\0")
    page = tail[at:]
    return at < 0 or len(page) < 27 or len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]])
