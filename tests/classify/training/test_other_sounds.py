"""Sounds of no class as rows beside those of the catalogue."""

import numpy as np

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.training.other_sounds import NONE, other_sounds
from drumspace.classify.training.settings import RejectionParams

AUDIO = AudioParams(sample_rate=8000, seconds=0.25, onset_db=-40, lead_ms=1, fade_ms=5, silence_dbfs=-60)
CLIPS = np.arange(10, dtype=np.int16)[:, None].repeat(AUDIO.num_samples, axis=1)


def test_synthesised_sounds_follow_the_clips_as_rows() -> None:
    others = other_sounds(np.array([3, 7]), RejectionParams(non_drums=4, min_others=2), AUDIO)
    assert len(others) == 6
    rows = others.training_rows(len(CLIPS))
    assert rows.tolist() == [3, 7, 10, 11, 12, 13]
    values = others.extend(CLIPS.__getitem__, len(CLIPS))(rows[[4, 0, 2]])
    np.testing.assert_array_equal(values, np.stack([others.synthesised[2], CLIPS[3], others.synthesised[0]]))


def test_too_few_other_drums_teach_nothing() -> None:
    assert other_sounds(np.array([3]), RejectionParams(non_drums=4, min_others=2), AUDIO) is NONE
    assert len(NONE) == 0 and NONE.training_rows(10).tolist() == []
