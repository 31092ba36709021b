"""One propagation method a file, each with `Settings` and `scores`."""
