"""The eight drum classes."""

CLASSES = ("kick", "snare", "hat", "crash", "ride", "clap", "shaker", "tom")
"""In the order used everywhere: class indices are positions in this tuple."""
