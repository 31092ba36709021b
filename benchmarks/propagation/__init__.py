"""Benchmarks of maps."""
