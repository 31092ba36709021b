"""Benchmarks of generators: VAEs, discriminators, priors, rendering."""
