"""Whether a file's container promises more bytes than there are: libsndfile mends that in silence."""

import os
import struct
from pathlib import Path
from typing import BinaryIO

from drumspace.audio.decode.wav import SLACK, STREAMED

_OGG_PAGE = 27 + 255 + 255 * 255
"""Bytes of the longest page of an Ogg stream."""


def promises_more(path: Path | str) -> bool:
    """Whether the sound data of a WAV, AIFF, AU or Ogg file should go on past the end of the file."""
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


def _chunk_is_cut(file: BinaryIO, size: int, wanted: bytes, order: str) -> bool:
    """Walk the chunks, each a name and a length in 4 bytes, to the one that holds the samples."""
    at = 12
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack(order + "4sI", file.read(8))
        if name == wanted:
            return bool(length < STREAMED and at + 8 + length > size + SLACK)
        at += 8 + length + length % 2
    return False


def _last_page_is_cut(file: BinaryIO, size: int) -> bool:
    """The last page's header lists the lengths of its segments: do they reach past the end?"""
    file.seek(max(0, size - _OGG_PAGE))
    tail = file.read()
    at = tail.rfind(b"OggS\0")
    page = tail[at:]
    return at < 0 or len(page) < 27 or len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]])
