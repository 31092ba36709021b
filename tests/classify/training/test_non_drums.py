"""Synthesised sounds that are no drum."""

import numpy as np
import pytest

from drumspace.classify.training.non_drums import non_drum, non_drums

RATE, LENGTH = 16000, 16000


def test_a_larger_count_starts_with_the_same_sounds_and_another_seed_has_others() -> None:
    few, many = non_drums(4, 1, RATE, LENGTH), non_drums(7, 1, RATE, LENGTH)
    np.testing.assert_array_equal(few, many[:4])
    assert (few[0] != non_drums(1, 2, RATE, LENGTH)[0]).mean() > 0.9
    assert few.dtype == np.int16 and few.shape == (4, LENGTH)


@pytest.mark.parametrize("seed", range(8))
def test_noise_and_tones_have_no_attack_of_a_drum_and_silence_is_near_zero(seed: int) -> None:
    for kind in ("noise", "tone"):
        wave = non_drum(kind, seed, RATE, LENGTH).astype(np.float64)
        assert np.abs(wave).max() > 3000
        energy = np.cumsum(wave**2) / np.sum(wave**2)
        assert energy[int(0.02 * RATE)] < 0.05  # a drum has most of its energy's rise here
        assert energy[int(0.2 * RATE)] < 0.7
    assert np.abs(non_drum("silence", seed, RATE, LENGTH)).max() <= 2
