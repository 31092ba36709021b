"""Errors that callers act on."""


class UserError(ValueError):
    """An error the user can fix: one paragraph says what is wrong, where, and what to do; shown without a traceback."""


class NotMeasured(ValueError):
    """A figure has no value, for instance with too few sounds: it becomes null, with this message as its reason."""
