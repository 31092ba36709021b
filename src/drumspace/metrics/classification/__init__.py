"""Accuracy, recall, calibration, intervals, paired tests."""
