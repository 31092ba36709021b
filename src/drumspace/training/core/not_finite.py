"""The error that stops a training with a NaN or infinite loss, gradient or weight."""

from drumspace.errors import UserError


class NotFinite(UserError):
    """A loss, gradient or weight is NaN or infinite at `step`."""

    def __init__(self, what: str, step: int, checkpoint: str) -> None:
        """`what` is not finite; `checkpoint` describes the last good checkpoint."""
        self.what, self.step, self.checkpoint = what, step, checkpoint
        super().__init__(
            f"{what} is not finite at step {step}: training has stopped. The last good checkpoint: {checkpoint}. "
            "Lower the learning rate, or look at the data."
        )

    def with_context(self, training: str) -> "NotFinite":
        """The same error with the name of the training and of its batch in front."""
        return NotFinite(f"{training}: {self.what}", self.step, self.checkpoint)
