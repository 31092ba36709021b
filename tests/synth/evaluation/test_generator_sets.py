"""Real clips limit how many sounds can be requested; other generators have no limit."""

import numpy as np

from drumspace.synth.evaluation.baselines import Noise, RealClips
from drumspace.synth.evaluation.generator_sets import available_counts

COUNTS = np.array([4, 2, 0, 0, 0, 0, 0, 0])
CLIPS = np.zeros((5, 8), dtype=np.float32)


def test_real_clips_limit_the_counts_by_class() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    clips = RealClips(CLIPS.__getitem__, np.arange(5), labels)
    assert available_counts(clips, COUNTS).tolist() == [3, 2, 0, 0, 0, 0, 0, 0]


def test_clips_without_classes_limit_the_sum() -> None:
    assert available_counts(RealClips(CLIPS.__getitem__, np.arange(5)), COUNTS).tolist() == [5]


def test_a_repeated_clip_and_a_generator_have_no_limit() -> None:
    repeated = RealClips(CLIPS.__getitem__, np.arange(5), np.zeros(5, dtype=int), repeated=True)
    for generator in (repeated, Noise(8000, 8)):
        assert available_counts(generator, COUNTS).tolist() == COUNTS.tolist()
