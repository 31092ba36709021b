"""A figure that can't be had."""


class NotMeasured(ValueError):
    """Why a figure has no value: too few sounds, no spread, no answer. It becomes null, with this reason."""
