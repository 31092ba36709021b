"""Benchmarks of speed: ingest, labelling, the drum machine, VAEs."""
