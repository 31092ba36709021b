"""A file is truncated if its header states clearly more bytes than the file holds."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from drumspace.audio.decode.container import is_truncated


def sound_file(path: Path) -> int:
    """Write a second of noise and return its size in bytes."""
    soundfile.write(path, np.random.default_rng(0).uniform(-1, 1, 44100), 44100)
    return path.stat().st_size


@pytest.mark.parametrize("suffix", ["wav", "aiff", "au", "ogg", "flac"])
def test_a_complete_file_has_the_size_in_its_header(tmp_path: Path, suffix: str) -> None:
    sound_file(tmp_path / f"a.{suffix}")
    assert is_truncated(tmp_path / f"a.{suffix}") is False


@pytest.mark.parametrize("suffix", ["wav", "aiff", "au"])
@pytest.mark.parametrize(("num_missing", "truncated"), [(2, False), (64, False), (66, True), (40000, True)])
def test_a_file_cut_beyond_the_tolerance_is_truncated(
    tmp_path: Path, suffix: str, num_missing: int, truncated: bool
) -> None:
    size = sound_file(tmp_path / f"a.{suffix}")
    os.truncate(tmp_path / f"a.{suffix}", size - num_missing)
    assert is_truncated(tmp_path / f"a.{suffix}") is truncated


@pytest.mark.parametrize("num_missing", [1, 30, 5000])
def test_an_ogg_file_ends_with_a_whole_page(tmp_path: Path, num_missing: int) -> None:
    size = sound_file(tmp_path / "a.ogg")
    os.truncate(tmp_path / "a.ogg", size - num_missing)
    assert is_truncated(tmp_path / "a.ogg") is True


@pytest.mark.parametrize("data", [b"", b"RIFF", b"FORM\0\0\0\0AIFF", b"OggS", b".snd\0\0\0\x18\xff\xff\xff\xff"])
def test_very_short_files_do_not_raise(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    assert is_truncated(tmp_path / "a") is (data == b"OggS")
