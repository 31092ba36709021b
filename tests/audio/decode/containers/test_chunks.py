"""Lengths of chunks are checked against the file; a tolerance of 64 bytes covers writers that count wrong."""

import struct

import pytest

from drumspace.audio.decode.byte_ranges import MemoryBytes
from drumspace.audio.decode.containers.chunks import Chunk, read_chunks, samples_end
from drumspace.audio.decode.unusable import UnusableSound


def read(*chunks: bytes) -> dict[bytes, Chunk]:
    """Chunks of a RIFF file whose outer length is right."""
    body = b"".join(chunks)
    return read_chunks(
        MemoryBytes(struct.pack("<4sI4s", b"RIFF", len(body) + 4, b"WAVE") + body), "<", b"data", (b"data",)
    )


def chunk(name: bytes, size: int, stated: int | None = None) -> bytes:
    """A chunk of 1s, padded; `stated`: the length in its header."""
    return struct.pack("<4sI", name, size if stated is None else stated) + b"\1" * size + bytes(size % 2)


@pytest.mark.parametrize(("missing", "cut"), [(0, False), (2, False), (64, False), (66, True), (40_000, True)])
def test_samples_that_end_too_early_by_more_than_the_tolerance_are_truncated(missing: int, cut: bool) -> None:
    data = chunk(b"data", 1000, 1000 + missing)
    if cut:
        with pytest.raises(UnusableSound, match="truncated"):
            read(data)
    else:
        assert read(data)[b"data"].length == 1000


@pytest.mark.parametrize("stated", [0, 0x7FFFFFFF, 0xFFFFFFFF])
def test_an_unknown_length_leads_to_the_chunks_behind(stated: int) -> None:
    assert read(chunk(b"data", 1000, stated), chunk(b"LIST", 21), chunk(b"id3 ", 40))[b"data"].length == 1000
    assert read(chunk(b"data", 1000, stated))[b"data"].length == 1000


def test_a_text_that_looks_like_a_chunk_is_no_end_of_the_samples() -> None:
    data = b"\1" * 100 + b"LIST" + b"\1" * 100
    assert samples_end(MemoryBytes(data), 0, "<") == len(data)


@pytest.mark.parametrize("length", [0xFFFFFFF8, 5_000, 3, 30])
def test_a_chunk_is_found_behind_one_of_wrong_length(length: int) -> None:
    assert read(chunk(b"LIST", 50, length), chunk(b"data", 1000))[b"data"].length == 1000


@pytest.mark.parametrize("data", [b"", b"RIFF", b"data", b"data\xff\xff\xff\xff"])
def test_very_short_files_do_not_raise(data: bytes) -> None:
    assert read_chunks(MemoryBytes(data), "<", b"data", (b"data",)) == {}
