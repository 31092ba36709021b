"""Uncompressed samples of every container have libsndfile's values; what is left to libsndfile has no other chunks."""

import io

import numpy as np
import pytest
import soundfile

from drumspace.audio.decode.byte_ranges import MemoryBytes
from drumspace.audio.decode.containers.layout import Encoded, Pcm
from drumspace.audio.decode.containers.sniff import find_layout
from drumspace.audio.decode.pcm import PcmReader

SUBTYPES = {
    **dict.fromkeys(("WAV", "WAVEX", "RF64", "W64"), ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    "AIFF": ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"),
    **dict.fromkeys(("CAF", "AU"), ("PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    "VOC": ("PCM_U8", "PCM_16"),
    "SVX": ("PCM_S8", "PCM_16"),
}


def encode(sound: np.ndarray, container: str, subtype: str, endian: str | None = None) -> bytes:
    """A sound file at 44.1 kHz."""
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, 44100, subtype, endian, container)
    return buffer.getvalue()


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize(("container", "subtype"), [(key, value) for key in SUBTYPES for value in SUBTYPES[key]])
def test_values_are_those_of_libsndfile(container: str, subtype: str, channels: int) -> None:
    if (container == "VOC" and channels > 2) or (container == "SVX" and channels > 1):
        return
    sound = np.random.default_rng(0).uniform(-0.99, 0.99, (1002, channels))
    data = encode(sound, container, subtype)
    expected, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    layout = find_layout(MemoryBytes(data))
    assert isinstance(layout, Pcm)
    reader = PcmReader(layout)
    assert (reader.samplerate, reader.channels, reader.frames) == (rate, channels, 1002)
    parts = [reader.read(400), reader.read(400), reader.read(400), reader.read(400)]
    assert [len(part) for part in parts] == [400, 400, 202, 0]
    np.testing.assert_array_equal(np.concatenate(parts), expected)
    reader.seek(700)
    np.testing.assert_array_equal(reader.read(10), expected[700:710])


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT"])
@pytest.mark.parametrize(
    ("container", "endian"), [("WAV", "BIG"), ("AIFF", "LITTLE"), ("CAF", "LITTLE"), ("AU", "LITTLE")]
)
def test_both_byte_orders_are_read(container: str, endian: str, subtype: str) -> None:
    if not soundfile.check_format(container, subtype, endian):
        return
    data = encode(np.random.default_rng(0).uniform(-0.9, 0.9, 500), container, subtype, endian)
    layout = find_layout(MemoryBytes(data))
    assert isinstance(layout, Pcm)
    expected = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)[0]
    np.testing.assert_array_equal(PcmReader(layout).read(500), expected)


@pytest.mark.parametrize(
    ("container", "subtype"), [("WAV", "ULAW"), ("WAV", "IMA_ADPCM"), ("WAV", "GSM610"), ("AIFF", "ALAW")]
)
def test_the_decoder_gets_no_chunk_that_it_does_not_need(container: str, subtype: str) -> None:
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", 8000, 1, subtype, format=container) as file:
        file.title = "a title in a text chunk"
        file.write(0.5 * np.sin(np.arange(8000) / 10))
    data = buffer.getvalue()
    assert b"a title" in data
    layout = find_layout(MemoryBytes(data))
    assert isinstance(layout, Encoded)
    clean = layout.data.at(0, layout.data.size)
    assert b"a title" not in clean
    expected = soundfile.read(io.BytesIO(data))[0]
    np.testing.assert_array_equal(soundfile.read(io.BytesIO(clean))[0], expected)
