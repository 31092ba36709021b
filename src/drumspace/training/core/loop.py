"""The training loop of a single network."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from drumspace.training.core.base_loop import BaseLoop, Report, no_report
from drumspace.training.core.best_step import States
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.ema import cpu_state, refresh_batch_norm
from drumspace.training.core.precision import accelerator as make_accelerator
from drumspace.training.core.result import Score, TrainingResult

Loss = Callable[[nn.Module, int, int, int], Tensor]
"""(model, step, rank, world size) → scalar loss of this process's part of the step's batch."""

Validate = Callable[[nn.Module], tuple[Score, dict[str, float]]]
"""Averaged model in evaluation mode → (score, values to report)."""

RISE = {"one_cycle": 0.3, "cosine": 0.05}
"""Share of the steps in which the learning rate rises to its peak; both fall along half a cosine."""

GRADIENT_CLIP = 5.0
"""Largest 2-norm of the gradient."""


@dataclass(frozen=True)
class LoopSettings:
    """Settings of the loop; see drumspace.classify.training.settings.TrainingParams for their meaning."""

    steps: int
    learning_rate: float
    schedule: Literal["one_cycle", "cosine"]
    weight_decay: float
    ema_decay: float
    validate_every: int
    checkpoint_every: int
    seed: int


def train(
    model: nn.Module,
    loss: Loss,
    validate: Validate | None,
    settings: LoopSettings,
    checkpoints: Checkpoints | None = None,
    report: Report = no_report,
    title: str = "train",
) -> TrainingResult:
    """Train `model` for `settings.steps` steps with AdamW.

    Batches and every random draw of the loss must follow from the step alone. With `validate` the best step is kept,
    without it the last one. The last step leaves a checkpoint too: called again, `train` returns the same result
    without training, until the checkpoint is cleared. Raises NotFinite at once where the loss, its gradient or a
    weight is NaN or infinite.
    """
    return SingleLoop(model, loss, validate, settings, checkpoints, report, title).train()


class SingleLoop(BaseLoop):
    """Trains one network; its weights, optimiser and schedule."""

    settings: LoopSettings

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        validate: Validate | None,
        settings: LoopSettings,
        checkpoints: Checkpoints | None,
        report: Report,
        title: str,
    ) -> None:
        """Arguments as of `train`."""
        accelerator = make_accelerator()
        self.trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        # Fused: one pass over memory instead of one an operation, which dominates the step of large networks on a CPU.
        optimizer: Any = torch.optim.AdamW(
            self.trained, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True
        )
        self.schedule = warm_up_and_cosine(optimizer, settings)
        self.model, self.optimizer = accelerator.prepare(model, optimizer)
        self.module = accelerator.unwrap_model(self.model)
        self.loss, self.validation = loss, validate
        super().__init__(self.module, settings, accelerator, checkpoints, report, title)

    def train(self) -> TrainingResult:
        """Run all steps; the best step, or the last one without validation."""
        self.run()
        step = self.best.step
        if step is None:
            self.refresh_statistics(self.settings.steps)
        states = self.best.states or self.states()
        return TrainingResult(states["state"], step or self.settings.steps, self.best.score, self.seconds, self.history)

    def update(self, step: int) -> dict[str, float]:
        """One step of the optimiser."""
        self.model.train()
        with self.accelerator.autocast():
            value = self.loss(self.model, step, self.accelerator.process_index, self.accelerator.num_processes)
        self.check_finite(value.detach(), "the loss", step)
        self.accelerator.backward(value)
        norm = self.accelerator.clip_grad_norm_(self.trained, GRADIENT_CLIP)
        assert norm is not None
        self.check_finite(norm, "the gradient", step)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.average.update_parameters(self.module)
        return {"loss": value.item(), "gradient_norm": float(norm)}

    def is_validated(self, done: int) -> bool:
        """Every validate_every steps and after the last one, if there is a validation."""
        if self.validation is None:
            return False
        return done % self.settings.validate_every == 0 or done == self.settings.steps

    def validate(self, done: int) -> Score:
        """Score of the averaged weights, with batch-normalisation statistics of their own."""
        assert self.validation is not None
        self.refresh_statistics(done)
        self.average.module.eval()
        score, values = self.validation(self.average.module)
        self.record(done, values)
        return score

    def refresh_statistics(self, done: int) -> None:
        """Compute the batch-normalisation statistics of the averaged weights."""
        rank, world = self.accelerator.process_index, self.accelerator.num_processes
        with self.accelerator.autocast():
            refresh_batch_norm(
                self.average.module,
                lambda module, step: self.loss(module, step, rank, world),
                self.settings.seed,
                done,
            )

    def stateful(self) -> dict[str, Any]:
        """Weights, their average, optimiser and schedule."""
        return {
            "model": self.module,
            "average": self.average,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
        }

    def states(self) -> States:
        """State dict of the averaged weights."""
        return {"state": cpu_state(self.average.module)}

    def weights(self) -> Iterable[Tensor]:
        """The trained weights."""
        return self.trained

    def progress_values(self, logs: dict[str, float]) -> dict[str, float]:
        """The loss."""
        return {"loss": logs["loss"]}


def warm_up_and_cosine(optimizer: torch.optim.Optimizer, settings: LoopSettings) -> torch.optim.lr_scheduler.OneCycleLR:
    """Learning rate that rises to its peak and falls along half a cosine."""
    total = settings.steps + 1
    # A rise of less than a step would divide by zero.
    rise = max(RISE[settings.schedule], 2 / total)
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=total, pct_start=rise, cycle_momentum=False
    )
