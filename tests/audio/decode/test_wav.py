"""WavReader reads the same samples as libsndfile and leaves other encodings to it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from drumspace.audio.decode.wav import WavReader


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("container", ["WAV", "WAVEX"])
def test_values_are_those_of_libsndfile(tmp_path: Path, subtype: str, channels: int, container: str) -> None:
    path = tmp_path / "a.wav"
    sound = np.random.default_rng(0).uniform(-1, 1, (1001, channels))
    sound[0], sound[1] = 1, -1
    soundfile.write(path, sound, 44100, subtype, format=container)
    expected, rate = soundfile.read(path, dtype="float32", always_2d=True)
    with WavReader.open(path) as reader:
        assert (reader.samplerate, reader.channels, reader.frames) == (rate, channels, 1001)
        parts = [reader.read(400), reader.read(400), reader.read(400), reader.read(400)]
        assert [len(part) for part in parts] == [400, 400, 201, 0]
        np.testing.assert_array_equal(np.concatenate(parts), expected)
        reader.seek(700)
        np.testing.assert_array_equal(reader.read(10), expected[700:710])


@pytest.mark.parametrize("subtype", ["DOUBLE", "ULAW", "IMA_ADPCM"])
def test_other_encodings_are_left_to_libsndfile(tmp_path: Path, subtype: str) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(2000), 44100, subtype)
    assert WavReader.open(tmp_path / "a.wav") is None


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 4096])
def test_a_header_that_does_not_fit_the_file_is_left_to_libsndfile(tmp_path: Path, size: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(1000), 44100)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[40:44] = size.to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(data)
    assert WavReader.open(tmp_path / "a.wav") is None


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\0\0\0\0WAVEdata\x10\0\0\0" + bytes(16), b"OggS" * 20])
def test_files_other_than_wav_are_left_to_libsndfile(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(data)
    assert WavReader.open(tmp_path / "a.wav") is None
