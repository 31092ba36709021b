"""Checksums of Ogg pages."""

import io

import numpy as np
import pytest
import soundfile

from drumspace.audio.decode.byte_ranges import MemoryBytes
from drumspace.audio.decode.containers.ogg import page_checksum, parse_ogg
from drumspace.audio.decode.unusable import UnusableSound


def vorbis() -> bytes:
    """A second of noise."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.random.default_rng(0).uniform(-0.5, 0.5, 44100), 44100, format="OGG")
    return buffer.getvalue()


def test_the_checksum_is_the_one_in_the_page() -> None:
    data = vorbis()
    page = data[: data.index(b"OggS", 4)]
    assert page_checksum(page) == int.from_bytes(page[22:26], "little")


@pytest.mark.parametrize("at", [5, 30, 200, -1])
def test_one_wrong_bit_is_found(at: int) -> None:
    data = bytearray(vorbis())
    data[at] ^= 1
    with pytest.raises(UnusableSound, match="damaged"):
        parse_ogg(MemoryBytes(bytes(data)))


@pytest.mark.parametrize("num_missing", [1, 30, 5000])
def test_a_cut_stream_is_found(num_missing: int) -> None:
    with pytest.raises(UnusableSound, match="truncated"):
        parse_ogg(MemoryBytes(vorbis()[:-num_missing]))
