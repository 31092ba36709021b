"""The loop of two players, a generator and its discriminator: turns, average of weights, validation, checkpoints."""

import copy
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast, set_seed
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_, parameters_to_vector, vector_to_parameters
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from drumspace.errors import UserError
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.loop import NotFinite, Score
from drumspace.training.core.precision import accelerator as make_accelerator

log = logging.getLogger("drumspace")

Loss = Callable[[nn.Module, nn.Module, int, int, int, int], tuple[Tensor, dict[str, float]]]
"""(generator, discriminator, step, turn, rank, world size) → this process's loss, values to report.

The turn counts a step's updates: first the discriminator's discriminator_steps, then the generator's.
"""


@dataclass(frozen=True)
class AdversarialSettings:
    """What the loop needs to know."""

    steps: int
    """In each of which both players move, or one of them (generator_from, discriminator_every)."""
    discriminator_steps: int
    """Updates of the discriminator before each of the generator's."""
    generator_rate: float
    """Learning rate at its highest, as discriminator_rate."""
    discriminator_rate: float
    betas: tuple[float, float]
    """Adam's; without meaning to RMSprop."""
    optimizer: Literal["adam", "rmsprop"]
    schedule: Literal["constant", "cosine"]
    """cosine: rates fall from a player's first step to the last along half a cosine."""
    ema_decay: float
    """Decay of the average of the generator's weights, which is validated and kept; 0 keeps the weights themselves."""
    validate_every: int
    checkpoint_every: int
    seed: int
    gradient_clip: float | None = None
    """Longest gradient of either player (2-norm); None leaves gradients as they are."""
    discriminator_every: int = 1
    """The discriminator moves in each so many-th step, from the first on."""
    generator_from: int = 0
    """The step from which the generator moves: before it the discriminator learns what there is to be told apart."""

    def __post_init__(self) -> None:
        """Raises ValueError where the generator would never move."""
        if not 0 <= self.generator_from < self.steps:
            raise ValueError("generator_from must be a step")


class Stop(Exception):
    """Raised by a loss that sees no sense in going on, with the reason."""


class Stopped(UserError):
    """A training that was stopped by one of its losses."""

    def __init__(self, reason: str, step: int, kept: str) -> None:
        """`step` counts from 1, as validation's do; `kept` says where training stood well last."""
        self.reason, self.step = reason, step
        super().__init__(f"training has stopped at step {step}: {reason} The last good checkpoint: {kept}.")


@dataclass
class AdversarialResult:
    """The kept step's weights on the CPU: of the generator, averaged, and of the discriminator."""

    state: dict[str, Tensor]
    discriminator_state: dict[str, Tensor]
    step: int
    score: Score | None
    """None without validation."""
    seconds: float = 0.0
    """Spent on all steps, before an interruption too."""
    history: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    """Of each validation its step and what it reported; the first is of the generator as it began."""


def play(
    generator: nn.Module,
    discriminator: nn.Module,
    discriminator_loss: Loss,
    generator_loss: Loss,
    settings: AdversarialSettings,
    checkpoints: Checkpoints | None = None,
    validate: Callable[[nn.Module, int], tuple[Score, dict[str, float]]] | None = None,
    report: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    title: str = "train",
) -> AdversarialResult:
    """Train both players for `settings.steps` steps: so many updates of the discriminator, then one of the generator.

    Batches and every random draw of a loss must follow from step and turn alone: the loop seeds torch with
    (seed, step, rank) before each step, so that a training that goes on from a checkpoint equals one that never
    stopped, to the bit. While one player moves, the other's weights want no gradient: none is computed or kept for
    them, and a loss need not detach anything. Weights that wanted none from the start stay as they are.
    validate(averaged generator, steps done) → (score, values to report), before the generator first moves, to measure
    the others by, and once it moves: of those the best step is kept; without it the last one.
    Each validation of these leaves a checkpoint, as does the last step: called again, that gives its result without
    training, until it is cleared. Raises NotFinite at once where a loss or its gradient is NaN or infinite, or a
    weight that would be kept, and Stopped where a loss raised Stop; both count steps from 1.

    Gradients are averaged over processes here, not by DistributedDataParallel, which takes neither weights that stop
    and start to want gradients nor a gradient of a gradient, as a gradient penalty needs. Statistics of batch
    normalisation are averaged like weights, which fits them badly: players do without it.
    """
    accelerator = make_accelerator()
    players = {
        "generator": _Player(
            generator, settings.generator_rate, settings, accelerator, settings.steps - settings.generator_from
        ),
        "discriminator": _Player(discriminator, settings.discriminator_rate, settings, accelerator, settings.steps),
    }
    average = AveragedModel(
        generator, multi_avg_fn=get_ema_multi_avg_fn(settings.ema_decay), use_buffers=True, device=accelerator.device
    )
    start, best, before = 0, None, 0.0
    history: list[tuple[int, dict[str, float]]] = []
    saved = checkpoints.load() if checkpoints else None
    if saved:
        for name, player in players.items():
            player.load(saved[name])
        average.load_state_dict(saved["average"])
        start, before = saved["step"], saved["seconds"]
        history = [(step, values) for step, values in saved["history"]]
        if saved["best"]:
            best = AdversarialResult(**{**saved["best"], "score": tuple(saved["best"]["score"])})
        log.info("%s goes on from step %d of %d", title, start, settings.steps)

    def kept() -> str:
        if checkpoints is None or not checkpoints.path.exists():
            return "none yet"
        return f"{checkpoints.path}, " + (f"with the best step, {best.step}" if best else "of steps not validated yet")

    def not_finite(what: str, step: int) -> NotFinite:
        return NotFinite(what, step + 1, kept())

    def look(done: int) -> Score:
        assert validate is not None
        average.module.eval()
        score, values = validate(average.module, done)
        report(done, values)
        history.append((done, values))
        return score

    def move(name: str, other: str, loss: Loss, step: int, turn: int) -> dict[str, float]:
        """One update of one player; what it reports."""
        rank, world = accelerator.process_index, accelerator.num_processes
        try:
            with players[other].frozen(), accelerator.autocast():
                value, values = loss(generator, discriminator, step, turn, rank, world)
        except Stop as reason:
            raise Stopped(str(reason), step + 1, kept()) from None
        if not torch.isfinite(value):
            raise not_finite(f"the {name}'s loss", step)
        value.backward()
        norm = players[name].update(accelerator)
        if not math.isfinite(norm):
            raise not_finite(f"the {name}'s gradient", step)
        return {f"{name}_loss": value.item(), f"{name}_gradient_norm": norm, **values}

    begin = time.perf_counter() - before
    progress = tqdm(
        range(start, settings.steps),
        initial=start,
        total=settings.steps,
        desc=title,
        unit="step",
        disable=not accelerator.is_local_main_process,
        mininterval=0.5,
    )
    told: dict[str, float] = {}
    for step in progress:
        moves = step >= settings.generator_from
        if validate is not None and step == settings.generator_from:
            look(step)
        set_seed((settings.seed * 1_000_003 + step * 1009 + accelerator.process_index) % 2**31)
        generator.train()
        discriminator.train()
        for turn in range(0 if step % settings.discriminator_every else settings.discriminator_steps):
            told |= move("discriminator", "generator", discriminator_loss, step, turn)
        if moves:
            told |= move("generator", "discriminator", generator_loss, step, settings.discriminator_steps)
            players["generator"].schedule.step()
            average.update_parameters(generator)
        players["discriminator"].schedule.step()
        done = step + 1
        last = done == settings.steps
        if done % 10 == 0 or last:
            shown = {name: told.get(f"{name}_loss") for name in players}
            progress.set_postfix({name: f"{value:.3f}" for name, value in shown.items() if value is not None})
            report(done, dict(told))
        validates = validate is not None and moves and (done % settings.validate_every == 0 or last)
        saves = done % settings.checkpoint_every == 0 or last or validates
        modules = (generator, discriminator, average)
        if (validates or saves) and not all(bool(torch.isfinite(p).all()) for m in modules for p in m.parameters()):
            raise not_finite("a weight", step)
        if validates:
            score = look(done)
            if best is None or best.score is None or score > best.score:
                best = AdversarialResult(_cpu_state(average.module), _cpu_state(discriminator), done, score)
        if checkpoints and saves and accelerator.is_main_process:
            checkpoints.save(
                {
                    **{name: player.state() for name, player in players.items()},
                    "average": average.state_dict(),
                    "step": done,
                    "seconds": time.perf_counter() - begin,
                    "best": best and {**vars(best), "score": list(best.score or ())},
                    "history": history,
                }
            )
    best = best or AdversarialResult(_cpu_state(average.module), _cpu_state(discriminator), settings.steps, None)
    best.seconds, best.history = time.perf_counter() - begin, history
    return best


class _Player:
    """A module on its device with the weights it trains, their optimiser and its schedule."""

    def __init__(
        self,
        module: nn.Module,
        learning_rate: float,
        settings: AdversarialSettings,
        accelerator: Accelerator,
        steps: int,
    ) -> None:
        """`steps` of its schedule."""
        self.module = module.to(accelerator.device)
        self.trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
        self.clip = math.inf if settings.gradient_clip is None else settings.gradient_clip
        for tensor in module.state_dict().values():
            tensor.copy_(broadcast(tensor))  # every process begins with the first one's weights
        self.optimizer: torch.optim.Optimizer
        if settings.optimizer == "adam":
            self.optimizer = torch.optim.Adam(self.trained, lr=learning_rate, betas=settings.betas, fused=True)
        else:
            self.optimizer = torch.optim.RMSprop(self.trained, lr=learning_rate)

        def factor(step: int) -> float:
            return 1.0 if settings.schedule == "constant" else 0.5 * (1 + math.cos(math.pi * step / steps))

        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, factor)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Within it the weights want no gradient, and what is computed from them alone has no graph."""
        for parameter in self.trained:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in self.trained:
                parameter.requires_grad_(True)

    def update(self, accelerator: Accelerator) -> float:
        """Step along the gradient, averaged over processes; its 2-norm. One that is not finite is not followed."""
        gradients = [parameter.grad for parameter in self.trained if parameter.grad is not None]
        if accelerator.num_processes > 1:
            total = accelerator.reduce(parameters_to_vector(gradients), reduction="mean")
            vector_to_parameters(total, gradients)
        norm = float(clip_grad_norm_(self.trained, self.clip))
        if math.isfinite(norm):
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return norm

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {
            "module": self.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what a checkpoint kept."""
        self.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])


def _cpu_state(module: nn.Module) -> dict[str, Tensor]:
    return copy.deepcopy({name: value.detach().cpu() for name, value in module.state_dict().items()})
