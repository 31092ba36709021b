"""The format of a clip: sample rate, length, level."""
