"""Each odd file gives its whole sound, or the reason for which it is rejected."""

import numpy as np
import pytest
from decoding_cases import cases

from drumspace.audio.decode.clip import read_clip
from drumspace.audio.decode.decode import UnusableSound
from drumspace.audio.format.settings import AudioParams

AUDIO = AudioParams(sample_rate=44100, seconds=1.0, onset_db=-40, lead_ms=1, fade_ms=20, silence_dbfs=-60)
CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_each_file_gives_its_sound_or_a_reason(name: str) -> None:
    case = CASES[name]
    if case.seconds is None:
        with pytest.raises(UnusableSound) as error:
            read_clip(case.data, AUDIO, -1, 30)
        assert case.reason in str(error.value)
        return
    clip, _ = read_clip(case.data, AUDIO, -1, 30)
    assert clip.seconds == pytest.approx(case.seconds, abs=case.slack)
    assert len(clip.pcm) == min(AUDIO.num_samples, round(clip.seconds * 44100))
    assert np.abs(clip.pcm[:100].astype(int)).max() > 100  # it starts with the hit
    assert abs(clip.pcm[-400:].mean()) < 1000  # without an offset
    if case.peak is not None:
        assert 10 ** (clip.peak_dbfs / 20) == pytest.approx(case.peak, rel=0.08)
