"""Propagation methods, one per file, each with `Settings` and `scores`."""
