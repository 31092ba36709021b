"""Fit any registered classifier to clips and read probabilities from it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from drumspace.classify.networks.registry import FittedAtOnce
from drumspace.classify.training.augment import mixup_weights
from drumspace.classify.training.examples import Examples
from drumspace.classify.training.settings import TrainingParams
from drumspace.metrics.classification.classification import balanced_cross_entropy, macro_recall
from drumspace.taxonomy import CLASSES
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.loop import LoopSettings, NotFinite, Score, train
from drumspace.training.core.precision import autocast

TRAINING_MODULES = ("drumspace.classify.training.fit", "drumspace.classify.training.build_model")
"""Modules that train a classifier, beside the model's own: what a checkpoint's key covers."""


def balanced_batch(labels: np.ndarray, size: int, seed: int, step: int) -> np.ndarray:
    """Positions [size] in `labels`: a class at random, then one of its clips, so that scarce classes count as much."""
    rng = np.random.default_rng([seed, step])
    present = np.unique(labels)
    drawn = rng.choice(present, size)
    batch = np.empty(size, dtype=np.int64)
    for index in present:
        where = np.flatnonzero(drawn == index)
        batch[where] = rng.choice(np.flatnonzero(labels == index), len(where))
    return batch


def logits(
    module: nn.Module, inputs: Callable[[np.ndarray], Tensor], rows: np.ndarray, batch_size: int = 128
) -> np.ndarray:
    """float32 [len(rows), n_classes], the module in evaluation mode on the device it is on."""
    place = next((tensor.device for tensor in [*module.parameters(), *module.buffers()]), torch.device("cpu"))
    module.eval()
    parts = []
    with torch.inference_mode(), autocast(place):
        for begin in range(0, len(rows), batch_size):
            values = inputs(rows[begin : begin + batch_size]).to(place)
            parts.append(module(values).float().cpu().numpy())
    return np.concatenate(parts) if parts else np.empty((0, len(CLASSES)), dtype=np.float32)


def soft_cross_entropy(scores: Tensor, target: Tensor) -> Tensor:
    """Mean cross entropy of logits [B, C] against class probabilities [B, C]."""
    return -(target * functional.log_softmax(scores, dim=1)).sum(dim=1).mean()


@dataclass(frozen=True)
class Fitted:
    """How a training went."""

    step: int
    """The step that was kept; 0 for a model that is fitted at once."""
    seconds: float
    """Of training, before an interruption too."""


def _row_numbers(rows: np.ndarray) -> list[str]:
    return [f"row {number}" for number in rows]


def fit(
    examples: Examples,
    train_rows: np.ndarray,
    train_labels: np.ndarray,
    validation_rows: np.ndarray,
    validation_labels: np.ndarray,
    params: TrainingParams | None,
    seed: int,
    checkpoints: Checkpoints | None = None,
    report: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    describe: Callable[[np.ndarray], list[str]] = _row_numbers,
    title: str = "train",
) -> Fitted:
    """Fit `examples.module` in place.

    Rows are row numbers for `examples.inputs`, labels class indices. The best step is chosen on the validation clips
    alone. `params` may be None for a model that is fitted at once. `describe` names the clips of rows for people.
    Raises NotFinite, with the clips of the batch, where the loss is no number.
    """
    module = examples.module
    if isinstance(module, FittedAtOnce):
        begin = time.perf_counter()
        module.fit(examples.inputs(train_rows), torch.from_numpy(train_labels))
        return Fitted(0, time.perf_counter() - begin)
    if params is None:
        raise TypeError("a network needs training params")
    draw = partial(balanced_batch, train_labels, params.batch_size, seed)

    def loss(network: nn.Module, step: int, rank: int, world: int) -> Tensor:
        batch = draw(step)[rank::world]
        place = next(network.parameters()).device
        values = examples.augment(examples.inputs(train_rows[batch]).to(place))
        target = functional.one_hot(torch.from_numpy(train_labels[batch]).to(place), len(CLASSES)).float()
        target = target * (1 - params.label_smoothing) + params.label_smoothing / len(CLASSES)
        weight, partner = mixup_weights(len(values), params.augment.mixup, place)
        target = weight * target + (1 - weight) * target[partner]
        weight = weight.reshape(-1, *[1] * (values.dim() - 1))
        values = weight * values + (1 - weight) * values[partner]
        return soft_cross_entropy(network(values).float(), target)

    def validate(network: nn.Module) -> tuple[Score, dict[str, float]]:
        scores = logits(network, examples.inputs, validation_rows)
        entropy = balanced_cross_entropy(validation_labels, scores)
        recall = macro_recall(validation_labels, scores.argmax(axis=1))
        # Recall moves in steps of one clip of a scarce class; the entropy moves with every clip.
        return (-entropy,), {"validation_loss": entropy, "validation_macro_recall": recall}

    settings = LoopSettings(
        steps=params.steps,
        learning_rate=params.learning_rate,
        schedule=params.schedule,
        weight_decay=params.weight_decay,
        ema_decay=params.ema_decay,
        validate_every=params.validate_every,
        checkpoint_every=params.checkpoint_every,
        seed=seed,
    )
    try:
        trained = train(module, loss, validate if len(validation_rows) else None, settings, checkpoints, report, title)
    except NotFinite as error:
        clips = describe(train_rows[draw(error.step)])
        raise error.of(f"{title}; the clips of that batch: {', '.join(clips)}") from None
    module.load_state_dict(trained.state)
    return Fitted(trained.step, trained.seconds)
