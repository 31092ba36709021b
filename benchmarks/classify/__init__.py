"""Benchmarks of classifiers: pretrained weights, label noise, difficulty of the splits."""
