"""Helpers that several benchmarks share: git, settings of a VAE, a finished run of the pipeline."""
