"""Predictions of label propagation for near-duplicates."""

import numpy as np

from drumspace.propagation.final_labels import average_in_groups


def test_near_duplicates_get_the_same_prediction() -> None:
    scores = np.array([[0.9, 0.1], [0.1, 0.9], [0.5, 0.5], [0.2, 0.8]])
    means = average_in_groups(scores, np.array([7, 7, 8, 7]), np.array([True, True, True, False]))
    np.testing.assert_allclose(means, [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.2, 0.8]])
