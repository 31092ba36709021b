"""The training loop of a generator against discriminators."""
