"""Metrics: pure functions of arrays. May import audio, io."""
