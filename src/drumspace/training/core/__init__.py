"""The training loop, checkpoints, precision and device."""
