"""Metrics: pure functions of arrays, without files, models or settings. May be imported by every package above it."""
