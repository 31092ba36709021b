"""The training loop of a generator against a discriminator."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from drumspace.errors import UserError
from drumspace.training.adversarial.player import Player
from drumspace.training.adversarial.settings import AdversarialSettings
from drumspace.training.core.base_loop import BaseLoop, Report, no_report
from drumspace.training.core.best_step import States
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.ema import cpu_state
from drumspace.training.core.precision import accelerator as make_accelerator
from drumspace.training.core.result import Score, TrainingResult

Loss = Callable[[nn.Module, nn.Module, int, int, int, int], tuple[Tensor, dict[str, float]]]
"""(generator, discriminator, step, update, rank, world size) → scalar loss of this process's part of the batch, logs.

The update index counts the updates within a step: first the discriminator's discriminator_steps, then the generator's.
"""

Validate = Callable[[nn.Module, int], tuple[Score, dict[str, float]]]
"""(averaged generator in evaluation mode, steps done) → (score, values to report)."""


class Stop(Exception):
    """Raised by a loss to stop the training, with the reason."""


class Stopped(UserError):
    """A training that was stopped by one of its losses."""

    def __init__(self, reason: str, step: int, checkpoint: str) -> None:
        """`step` counts from 1, as validation's do; `checkpoint` describes the last good checkpoint."""
        self.reason, self.step = reason, step
        super().__init__(f"training has stopped at step {step}: {reason} The last good checkpoint: {checkpoint}.")


@dataclass
class AdversarialResult(TrainingResult):
    """Averaged weights of the generator in `state`; the first validation is of the generator before its updates."""

    discriminator_state: dict[str, Tensor] | None = None
    """State dict of the discriminator at the same step, on the CPU."""


def train_adversarial(
    generator: nn.Module,
    discriminator: nn.Module,
    discriminator_loss: Loss,
    generator_loss: Loss,
    settings: AdversarialSettings,
    checkpoints: Checkpoints | None = None,
    validate: Validate | None = None,
    report: Report = no_report,
    title: str = "train",
) -> AdversarialResult:
    """Train both networks for `settings.steps` steps: discriminator_steps discriminator updates, one generator update.

    Batches and every random draw of a loss must follow from step and update alone. While one network is updated, the
    weights of the other have no gradient, so a loss need not detach anything. Weights without requires_grad stay as
    they are. The averaged generator is validated before its first update, for comparison, and every validate_every
    steps; of the latter the best step is kept, without `validate` the last step. Each of these validations leaves a
    checkpoint, as does the last step: called again, the result is returned without training, until the checkpoint is
    cleared. Raises NotFinite at once where a loss, its gradient or a weight is NaN or infinite, and Stopped where a
    loss raised Stop; both count steps from 1. Networks should have no batch normalisation: its statistics are averaged
    like weights, which fits them badly.
    """
    losses = {"discriminator": discriminator_loss, "generator": generator_loss}
    loop = AdversarialLoop(generator, discriminator, losses, settings, checkpoints, validate, report, title)
    return loop.train()


class AdversarialLoop(BaseLoop):
    """Updates generator and discriminator in update."""

    settings: AdversarialSettings
    first_step = 1

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        losses: dict[str, Loss],
        settings: AdversarialSettings,
        checkpoints: Checkpoints | None,
        validate: Validate | None,
        report: Report,
        title: str,
    ) -> None:
        """Arguments as of `train_adversarial`."""
        accelerator = make_accelerator()
        generator_steps = settings.steps - settings.generator_from
        self.players = {
            "generator": Player(generator, settings.generator_rate, settings, accelerator, generator_steps),
            "discriminator": Player(discriminator, settings.discriminator_rate, settings, accelerator, settings.steps),
        }
        self.generator, self.discriminator, self.losses = generator, discriminator, losses
        self.validation = validate
        self.logs: dict[str, float] = {}
        super().__init__(generator, settings, accelerator, checkpoints, report, title)

    def train(self) -> AdversarialResult:
        """Run all steps; the best step, or the last one without validation."""
        self.run()
        states = self.best.states or self.states()
        step = self.best.step or self.settings.steps
        return AdversarialResult(step=step, score=self.best.score, seconds=self.seconds, history=self.history, **states)

    def before_step(self, step: int) -> None:
        """Validate the generator before its first update."""
        if self.validation is not None and step == self.settings.generator_from:
            self.validate(step)

    def update(self, step: int) -> dict[str, float]:
        """Update the discriminator, the generator, or both."""
        settings = self.settings
        self.generator.train()
        self.discriminator.train()
        if step % settings.discriminator_every == 0:
            for update in range(settings.discriminator_steps):
                self.logs |= self.update_player("discriminator", "generator", step, update)
        if step >= settings.generator_from:
            self.logs |= self.update_player("generator", "discriminator", step, settings.discriminator_steps)
            self.players["generator"].schedule.step()
            self.average.update_parameters(self.generator)
        self.players["discriminator"].schedule.step()
        return dict(self.logs)

    def update_player(self, name: str, opponent: str, step: int, update: int) -> dict[str, float]:
        """One update of one network; scalars to report."""
        rank, world = self.accelerator.process_index, self.accelerator.num_processes
        try:
            with self.players[opponent].frozen(), self.accelerator.autocast():
                loss, logs = self.losses[name](self.generator, self.discriminator, step, update, rank, world)
        except Stop as reason:
            raise Stopped(str(reason), step + self.first_step, self.last_checkpoint()) from None
        self.check_finite(loss.detach(), f"the {name}'s loss", step)
        loss.backward()
        norm = self.players[name].step(self.accelerator)
        self.check_finite(norm, f"the {name}'s gradient", step)
        return {f"{name}_loss": loss.item(), f"{name}_gradient_norm": norm, **logs}

    def is_validated(self, done: int) -> bool:
        """Every validate_every steps once the generator is updated, and after the last step."""
        if self.validation is None or done <= self.settings.generator_from:
            return False
        return done % self.settings.validate_every == 0 or done == self.settings.steps

    def is_saved(self, done: int) -> bool:
        """After each validation too."""
        return super().is_saved(done) or self.is_validated(done)

    def validate(self, done: int) -> Score:
        """Score of the averaged generator."""
        assert self.validation is not None
        self.average.module.eval()
        score, values = self.validation(self.average.module, done)
        self.record(done, values)
        return score

    def stateful(self) -> dict[str, Any]:
        """Both networks with their optimisers, and the average of the generator's weights."""
        return {**self.players, "average": self.average}

    def states(self) -> States:
        """State dicts of the averaged generator and of the discriminator."""
        return {"state": cpu_state(self.average.module), "discriminator_state": cpu_state(self.discriminator)}

    def weights(self) -> Iterable[Tensor]:
        """All weights of both networks and of the average."""
        for module in (self.generator, self.discriminator, self.average):
            yield from module.parameters()

    def progress_values(self, logs: dict[str, float]) -> dict[str, float]:
        """Both losses, as far as there are any yet."""
        return {name: logs[f"{name}_loss"] for name in self.players if f"{name}_loss" in logs}
