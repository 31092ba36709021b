"""Metrics of classifiers: accuracy, recall, calibration, intervals, paired tests, selective prediction."""
