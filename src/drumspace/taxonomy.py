"""The eight drum classes, and the details of two of them."""

CLASSES = ("kick", "snare", "hat", "crash", "ride", "clap", "shaker", "tom")
"""In the order used everywhere: class indices are positions in this tuple."""

DETAILS = {"hat": ("closed", "open", "pedal"), "kick": ("808", "acoustic")}
"""Second level: a hi-hat is closed, open or worked by its pedal; a kick is of the TR-808's type or of a drum kit."""
