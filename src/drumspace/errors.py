"""The error that a person can act on."""


class UserError(ValueError):
    """Its message is one paragraph that says what is wrong, where, and what to do; shown without a traceback."""
