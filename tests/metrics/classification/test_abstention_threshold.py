"""Confidence thresholds of selective classification keep the target precision."""

import numpy as np

from drumspace.metrics.classification.abstention_threshold import threshold_for


def test_threshold_is_the_least_confidence_that_keeps_the_precision() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    correct = np.array([True, True, False, True, False])
    assert threshold_for(1.0, confidence, correct) == 0.8
    assert threshold_for(0.75, confidence, correct) == 0.6
    assert threshold_for(0.6, confidence, correct) == 0.5


def test_equal_confidences_are_accepted_or_rejected_together() -> None:
    assert threshold_for(0.9, np.array([0.9, 0.9, 0.3]), np.array([True, False, True])) is None
    assert threshold_for(0.5, np.array([0.9, 0.9, 0.3]), np.array([True, False, False])) == 0.9
    assert threshold_for(0.9, np.empty(0), np.empty(0, bool)) is None
