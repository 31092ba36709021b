"""Clips of sound files, with and without their loudness."""

from pathlib import Path

import numpy as np
import soundfile

from drumspace.audio.decode.settings import STANDARD
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.make_clip import Limits, Task
from drumspace.dataset.ingest.make_clips import make_clips

AUDIO = AudioParams(sample_rate=8000, seconds=0.5, onset_db=-40, lead_ms=1, fade_ms=5, silence_dbfs=-60)


def test_a_clip_without_loudness_is_the_same_clip(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "tone.wav", 0.5 * np.sin(np.arange(8000)), 8000)
    tasks, limits = [Task(str(tmp_path / "tone.wav"), None)], Limits(0.01, 5, -1)
    (with_it,) = make_clips(tasks, AUDIO, limits, STANDARD, 1, None)
    (without,) = make_clips(tasks, AUDIO, limits, STANDARD, 1, None, with_loudness=False)
    assert not isinstance(with_it, str) and not isinstance(without, str)
    assert with_it[2].loudness_lufs is not None
    assert without[2].loudness_lufs is None
    assert with_it[2].hits == without[2].hits
    assert (with_it[0].pcm == without[0].pcm).all()
