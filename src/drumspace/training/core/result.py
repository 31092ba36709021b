"""The result of a training: the kept weights, the step they are from, and how the training went."""

from dataclasses import dataclass, field

from torch import Tensor

Score = tuple[float, ...]
"""Validation score: higher is better; compared from the left."""

History = list[tuple[int, dict[str, float]]]
"""(step, values) of each validation."""


@dataclass
class TrainingResult:
    """Weights of the best validated step, or of the last step without validation."""

    state: dict[str, Tensor]
    """State dict of the averaged weights, on the CPU."""
    step: int
    score: Score | None
    """None without validation."""
    seconds: float = 0.0
    """Time spent on all steps, those before an interruption included."""
    history: History = field(default_factory=list)
