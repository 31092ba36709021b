"""Benchmarks of ingest: naming rules and near-duplicates."""
