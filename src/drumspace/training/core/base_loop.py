"""The core of every training loop: seeding, weight average, validation, best step, checkpoints, NaN guard, progress."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn
from torch.optim.swa_utils import AveragedModel

from drumspace.training.core.best_step import BestStep, States
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.ema import weight_average
from drumspace.training.core.not_finite import NotFinite
from drumspace.training.core.progress import Stopwatch, progress_bar
from drumspace.training.core.result import History, Score

log = logging.getLogger("drumspace")

Report = Callable[[int, dict[str, float]], None]
"""(step, scalars by name): called every REPORT_EVERY steps and after each validation."""

REPORT_EVERY = 10


class StepSettings(Protocol):
    """The settings that every loop has."""

    @property
    def steps(self) -> int: ...
    @property
    def ema_decay(self) -> float: ...
    @property
    def validate_every(self) -> int: ...
    @property
    def checkpoint_every(self) -> int: ...
    @property
    def seed(self) -> int: ...


def no_report(step: int, values: dict[str, float]) -> None:
    """Report to nobody."""


class BaseLoop(ABC):
    """Runs the steps of a training; a subclass updates the weights, validates, and lists what a checkpoint holds.

    Torch is seeded with (seed, step, rank) before each step, so that a training resumed from a checkpoint equals one
    that was never interrupted, to the bit.
    """

    first_step = 0
    """Number of the first step in error messages."""

    def __init__(
        self,
        averaged: nn.Module,
        settings: StepSettings,
        accelerator: Accelerator,
        checkpoints: Checkpoints | None,
        report: Report,
        title: str,
    ) -> None:
        """averaged: the module whose weights are averaged, validated and kept."""
        self.settings, self.accelerator, self.checkpoints = settings, accelerator, checkpoints
        self.report, self.title = report, title
        self.average: AveragedModel = weight_average(averaged, settings.ema_decay, accelerator.device)
        self.best = BestStep()
        self.history: History = []
        self.stopwatch = Stopwatch()
        self.seconds = 0.0
        """Time up to the last checkpoint."""

    @abstractmethod
    def update(self, step: int) -> dict[str, float]:
        """Update the weights with the batch of `step`; scalars to report."""

    @abstractmethod
    def validate(self, done: int) -> Score:
        """Score of the averaged weights after `done` steps."""

    @abstractmethod
    def is_validated(self, done: int) -> bool:
        """Whether the averaged weights are validated after `done` steps and may be kept."""

    @abstractmethod
    def stateful(self) -> dict[str, Any]:
        """Objects with state_dict and load_state_dict that a checkpoint holds, by name."""

    @abstractmethod
    def states(self) -> States:
        """State dicts that the result holds, of the current weights."""

    @abstractmethod
    def progress_values(self, logs: dict[str, float]) -> dict[str, float]:
        """Values that the progress bar shows."""

    def before_step(self, step: int) -> None:  # noqa: B027 - most loops need no hook
        """Hook before a step, unseeded."""

    def run(self) -> None:
        """Run all steps that are left."""
        settings = self.settings
        start = self.resume()
        progress = progress_bar(start, settings.steps, self.title, self.accelerator.is_local_main_process)
        for step in progress:
            self.before_step(step)
            set_seed((settings.seed * 1_000_003 + step * 1009 + self.accelerator.process_index) % 2**31)
            logs = self.update(step)
            done = step + 1
            if done % REPORT_EVERY == 0 or done == settings.steps:
                progress.set_postfix({name: f"{value:.3f}" for name, value in self.progress_values(logs).items()})
                self.report(done, logs)
            self.finish_step(done)

    def finish_step(self, done: int) -> None:
        """Validate and save where it is due, if all weights are finite."""
        is_validated = self.is_validated(done)
        is_saved = self.is_saved(done)
        if is_validated or is_saved:
            self.check_weights(done - 1)
        if is_validated:
            self.best.update(done, self.validate(done), self.states)
        if is_saved:
            self.save(done)

    def is_saved(self, done: int) -> bool:
        """Whether a checkpoint is written after `done` steps."""
        return done % self.settings.checkpoint_every == 0 or done == self.settings.steps

    def resume(self) -> int:
        """Restore the last checkpoint if there is one; the number of steps done."""
        saved = self.checkpoints.load() if self.checkpoints else None
        if saved is None:
            self.stopwatch = Stopwatch()
            return 0
        for name, part in self.stateful().items():
            part.load_state_dict(saved[name])
        self.best.load_state_dict(saved["best"])
        self.history = [(step, values) for step, values in saved["history"]]
        self.seconds = saved["seconds"]
        self.stopwatch = Stopwatch(self.seconds)
        log.info("%s resumes from step %d of %d", self.title, saved["step"], self.settings.steps)
        return int(saved["step"])

    def save(self, done: int) -> None:
        """Write a checkpoint, in the main process."""
        self.seconds = self.stopwatch.seconds
        if self.checkpoints is None or not self.accelerator.is_main_process:
            return
        self.checkpoints.save(
            {
                **{name: part.state_dict() for name, part in self.stateful().items()},
                "best": self.best.state_dict(),
                "history": self.history,
                "step": done,
                "seconds": self.seconds,
            }
        )

    def record(self, done: int, values: dict[str, float]) -> None:
        """Report the values of a validation and add them to the history."""
        self.report(done, values)
        self.history.append((done, values))

    def last_checkpoint(self) -> str:
        """Description of the last checkpoint, for error messages."""
        if self.checkpoints is None or not self.checkpoints.path.exists():
            return "none yet"
        best = "of steps not validated yet" if self.best.step is None else f"with the best step, {self.best.step}"
        return f"{self.checkpoints.path}, {best}"

    def check_finite(self, value: torch.Tensor | float, what: str, step: int) -> None:
        """Raise NotFinite if `value` is NaN or infinite."""
        if not bool(torch.isfinite(torch.as_tensor(value)).all()):
            raise NotFinite(what, step + self.first_step, self.last_checkpoint())

    def check_weights(self, step: int) -> None:
        """Raise NotFinite if a weight is NaN or infinite."""
        for weight in self.weights():
            self.check_finite(weight, "a weight", step)

    @abstractmethod
    def weights(self) -> Iterable[torch.Tensor]:
        """Weights that must be finite before they are validated or saved."""
