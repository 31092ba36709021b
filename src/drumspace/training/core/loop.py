"""The training loop: steps, average of weights, validation, checkpoints. It reports by a callback, to no tracker."""

import copy
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from drumspace.errors import UserError
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.precision import accelerator as make_accelerator

log = logging.getLogger("drumspace")

Score = tuple[float, ...]
"""Higher is better; compared from the left."""


Loss = Callable[[nn.Module, int, int, int], Tensor]
"""(model, step, rank, world size) → the loss of this process's part of the step's batch."""

STATISTICS_BATCHES = 10
"""Behind the statistics of batch normalisation, whenever the averaged weights are validated or kept."""

RISE = {"one_cycle": 0.3, "cosine": 0.05}
"""Share of the steps in which the learning rate rises to its peak; both fall along half a cosine."""


@dataclass(frozen=True)
class LoopSettings:
    """What the loop needs to know; see drumspace.classify.training.settings.TrainingParams for the meaning."""

    steps: int
    learning_rate: float
    schedule: Literal["one_cycle", "cosine"]
    weight_decay: float
    ema_decay: float
    validate_every: int
    checkpoint_every: int
    seed: int


class NotFinite(UserError):
    """The loss, its gradient or a weight is no number: training stopped at `step`."""

    def __init__(self, what: str, step: int, checkpoint: str) -> None:
        """`what` is no number; `checkpoint` says where training stood well last."""
        self.what, self.step, self.checkpoint = what, step, checkpoint
        super().__init__(
            f"{what} is not finite at step {step}: training has stopped. The last good checkpoint: {checkpoint}. "
            "Lower the learning rate, or look at the data."
        )

    def of(self, training: str) -> "NotFinite":
        """The same error, said of a training by its name and batch."""
        return NotFinite(f"{training}: {self.what}", self.step, self.checkpoint)


@dataclass
class Trained:
    """The best step's weights on the CPU, which step it was, and its score (None without validation)."""

    state: dict[str, Tensor]
    step: int
    score: Score | None
    seconds: float = 0.0
    """Spent on all its steps, before an interruption too."""


def train(
    model: nn.Module,
    loss: Loss,
    validate: Callable[[nn.Module], tuple[Score, dict[str, float]]] | None,
    settings: LoopSettings,
    checkpoints: Checkpoints | None = None,
    report: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    title: str = "train",
) -> Trained:
    """Train `model` for `settings.steps` steps.

    loss(model, step, rank, world_size) → scalar: the loss of this process's part of the step's batch. Batches
    and every random draw must follow from the step alone: the loop seeds torch with (seed, step, rank) before
    each step, so that a training that goes on from a checkpoint equals one that never stopped, to the bit.
    validate(model) → (score, values to report). Without it the last step is kept.
    The last step leaves a checkpoint too: called again, it gives its result without training, until that is cleared.
    Raises NotFinite at once where the loss or its gradient is NaN or infinite, or a weight that would be kept.
    """
    accelerator = make_accelerator()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    # Fused: one pass over memory instead of one an operation, which is what large networks wait for on a CPU.
    optimizer: Any = torch.optim.AdamW(
        trained, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True
    )
    total = settings.steps + 1
    # A rise of less than a step would divide by zero.
    rise = max(RISE[settings.schedule], 2 / total)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=total, pct_start=rise, cycle_momentum=False
    )
    model, optimizer = accelerator.prepare(model, optimizer)
    plain = accelerator.unwrap_model(model)
    average = AveragedModel(
        plain, multi_avg_fn=get_ema_multi_avg_fn(settings.ema_decay), use_buffers=True, device=accelerator.device
    )
    start, best, before = 0, Trained(state={}, step=0, score=None), 0.0
    saved = checkpoints.load() if checkpoints else None
    if saved:
        plain.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        start, before = saved["step"], saved["seconds"]
        best = Trained(saved["best_state"], saved["best_step"], saved["best_score"] and tuple(saved["best_score"]))
        log.info("%s goes on from step %d of %d", title, start, settings.steps)

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
    for step in progress:
        set_seed((settings.seed * 1_000_003 + step * 1009 + accelerator.process_index) % 2**31)
        model.train()
        with accelerator.autocast():
            value = loss(model, step, accelerator.process_index, accelerator.num_processes)
        where = str(checkpoints.path) if checkpoints and checkpoints.path.exists() else "none yet"
        if not torch.isfinite(value):
            raise NotFinite("the loss", step, where)
        accelerator.backward(value)
        norm = accelerator.clip_grad_norm_(trained, 5.0)
        if not torch.isfinite(norm):
            raise NotFinite("the gradient", step, where)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        average.update_parameters(plain)
        done = step + 1
        if done % 10 == 0 or done == settings.steps:
            progress.set_postfix(loss=f"{value.item():.3f}")
            report(done, {"loss": value.item(), "gradient_norm": float(norm)})
        if validate and (done % settings.validate_every == 0 or done == settings.steps):
            with accelerator.autocast():
                _refresh_statistics(average.module, loss, settings.seed, done, accelerator)
            average.module.eval()
            score, values = validate(average.module)
            report(done, values)
            if best.score is None or score > best.score:
                best = Trained(_cpu_state(average.module), done, score)
        if checkpoints and (done % settings.checkpoint_every == 0 or done == settings.steps):
            if not all(bool(torch.isfinite(parameter).all()) for parameter in trained):
                raise NotFinite("a weight", step, where)
            if not accelerator.is_main_process:
                continue
            checkpoints.save(
                {
                    "model": plain.state_dict(),
                    "average": average.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(),
                    "step": done,
                    "seconds": time.perf_counter() - begin,
                    "best_state": best.state,
                    "best_step": best.step,
                    "best_score": list(best.score) if best.score else None,
                }
            )
    if best.score is None:
        with accelerator.autocast():
            _refresh_statistics(average.module, loss, settings.seed, settings.steps, accelerator)
        best = Trained(_cpu_state(average.module), settings.steps, None)
    best.seconds = time.perf_counter() - begin
    return best


def _refresh_statistics(module: nn.Module, loss: Loss, seed: int, step: int, accelerator: Accelerator) -> None:
    """Take batch normalisation's statistics anew, over training batches seen by the averaged weights themselves.

    An average of other weights' statistics fits no weights: after few steps it costs most of the accuracy
    (Izmailov et al. 2018, section 3.2).
    """
    norms = [norm for norm in module.modules() if isinstance(norm, _BatchNorm) and norm.track_running_stats]
    if not norms:
        return
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over the batches
    module.train()
    with torch.no_grad():
        for batch in range(STATISTICS_BATCHES):
            set_seed((seed * 1_000_003 + step * 1009 + batch * 101 + 50_021) % 2**31)
            loss(module, step + batch, accelerator.process_index, accelerator.num_processes)


def _cpu_state(module: nn.Module) -> dict[str, Tensor]:
    return copy.deepcopy({name: value.detach().cpu() for name, value in module.state_dict().items()})
