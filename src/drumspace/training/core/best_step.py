"""The best validated step of a training and its weights."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from drumspace.training.core.result import Score

States = dict[str, dict[str, Tensor]]
"""State dicts on the CPU by field of the training's result."""


class BestStep:
    """Keeps the weights of the step with the highest score; a later step with an equal score does not replace it."""

    def __init__(self) -> None:
        """No step is kept yet."""
        self.step: int | None = None
        self.score: Score | None = None
        self.states: States = {}

    def update(self, step: int, score: Score, states: Callable[[], States]) -> None:
        """Keep `states()` if `score` is higher than the score of the kept step."""
        if self.score is None or score > self.score:
            self.step, self.score, self.states = step, score, states()

    def state_dict(self) -> dict[str, Any] | None:
        """Content for a checkpoint; None while no step is kept."""
        if self.score is None:
            return None
        return {"step": self.step, "score": list(self.score), "states": self.states}

    def load_state_dict(self, state: dict[str, Any] | None) -> None:
        """Restore from a checkpoint."""
        if state is not None:
            self.step, self.score, self.states = state["step"], tuple(state["score"]), state["states"]
