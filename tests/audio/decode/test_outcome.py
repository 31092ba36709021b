"""Single files are read in a decoder process, with a clip or a reason for each."""

import os
from pathlib import Path

import pytest
import soundfile
from decoding_cases import form, kick, riff

from drumspace.audio.decode.outcome import made_or_reason, read_clips, read_guarded
from drumspace.audio.decode.unusable import UnusableSound
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.soundfont.drum_sounds import drum_sounds

AUDIO = AudioParams(sample_rate=44100, seconds=0.5, onset_db=-40, lead_ms=1, fade_ms=20, silence_dbfs=-60)


def raise_memory_error() -> None:
    """Raise what a decoder process reports as too large."""
    raise MemoryError


def test_each_file_has_a_clip_or_a_reason(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", kick(), 44100)
    (tmp_path / "b.wav").write_bytes(riff(form(), b"LIST\xf8\xff\xff\xffINFOever\xf8\xff\xff\xffA%%%data" + bytes(32)))
    clips = read_clips([tmp_path / name for name in ("a.wav", "b.wav", "gone.wav")], AUDIO, -1, 30)
    assert clips[0][0].seconds == pytest.approx(0.35, abs=0.001)
    assert clips[1].startswith("silent")
    assert clips[2] == "cannot be reached (No such file or directory)"


def test_what_is_read_before_clips_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert read_guarded(os.path.getsize, tmp_path / "a") == 0
    with pytest.raises(UnusableSound, match="empty file"):
        read_guarded(drum_sounds, tmp_path / "a")


def test_an_unforeseen_error_is_a_reason() -> None:
    assert made_or_reason(lambda: 1 // 0, "a.wav") == "cannot be processed (ZeroDivisionError)"
    with pytest.raises(MemoryError):
        made_or_reason(raise_memory_error, "a.wav")
