"""Mean errors count the clips that have them, and a mean over none has a reason."""

import numpy as np
import pytest

from drumspace.errors import NotMeasured
from drumspace.synth.evaluation.reconstruction_metrics import mean_errors, periodicity_metrics


def test_means_are_over_the_clips_that_have_a_value() -> None:
    errors = {"onset_ms": np.array([1.0, 3.0, np.nan]), "pitch_semitones": np.full(3, np.nan)}
    means = mean_errors(errors, np.array([True, False, True]), np.array([True, True, True]))
    assert means["n"] == 3 and means["with_pitch"] == 2
    assert means["onset_ms"] == 2.0 and means["onset_ms_n"] == 2  # type: ignore[typeddict-item]
    assert means["pitch_semitones"] is None and means["pitch_semitones_n"] == 0
    assert [gap["what"] for gap in means["not_measured"]] == ["pitch_semitones"]


def test_periodicity_needs_a_noisy_class() -> None:
    with pytest.raises(NotMeasured, match="no sound of snare"):
        periodicity_metrics(np.ones((2, 64), dtype=np.float32), np.array([0, 7]), 8)
