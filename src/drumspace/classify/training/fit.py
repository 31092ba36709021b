"""Fit a classifier to labelled clips and compute its logits."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from drumspace.classify.networks.registry import FittedAtOnce
from drumspace.classify.training.augment import mixup_weights
from drumspace.classify.training.settings import TrainingParams
from drumspace.classify.training.training_examples import TrainingExamples
from drumspace.metrics.classification.classification import balanced_cross_entropy, macro_recall
from drumspace.taxonomy import CLASSES
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.loop import LoopSettings, train
from drumspace.training.core.not_finite import NotFinite
from drumspace.training.core.precision import autocast
from drumspace.training.core.result import Score


def balanced_batch(labels: np.ndarray, size: int, seed: int, step: int) -> np.ndarray:
    """Draw positions [size] in `labels` [n]: first a class, then one of its clips, so that all classes count alike."""
    rng = np.random.default_rng([seed, step])
    present = np.unique(labels)
    drawn = rng.choice(present, size)
    batch = np.empty(size, dtype=np.int64)
    for index in present:
        positions = np.flatnonzero(drawn == index)
        batch[positions] = rng.choice(np.flatnonzero(labels == index), len(positions))
    return batch


def logits(
    module: nn.Module, inputs: Callable[[np.ndarray], Tensor], rows: np.ndarray, batch_size: int = 128
) -> np.ndarray:
    """Outputs of a module in evaluation mode, float32 [len(rows), n_outputs]; inputs: row numbers → module inputs."""
    device = next((tensor.device for tensor in [*module.parameters(), *module.buffers()]), torch.device("cpu"))
    module.eval()
    parts = []
    with torch.inference_mode(), autocast(device):
        for start in range(0, len(rows), batch_size):
            values = inputs(rows[start : start + batch_size]).to(device)
            parts.append(module(values).float().cpu().numpy())
    return np.concatenate(parts) if parts else np.empty((0, len(CLASSES)), dtype=np.float32)


def soft_cross_entropy(scores: Tensor, target: Tensor) -> Tensor:
    """Mean cross entropy of logits [B, C] against class probabilities [B, C]; rows of zeros add nothing."""
    return -(target * functional.log_softmax(scores, dim=1)).sum(dim=1).mean()


@dataclass(frozen=True)
class FitResult:
    """Step that was kept and duration of a training."""

    step: int
    """0 for a model that is fitted at once."""
    seconds: float
    """Training time, the time before an interruption included."""


@dataclass(frozen=True)
class LabelledRows:
    """Row numbers of clips and their class indices, -1 for none of the classes; int [n] each."""

    rows: np.ndarray
    labels: np.ndarray


def _row_numbers(rows: np.ndarray) -> list[str]:
    return [f"row {number}" for number in rows]


def fit(
    examples: TrainingExamples,
    training: LabelledRows,
    validation: LabelledRows,
    params: TrainingParams | None,
    seed: int,
    checkpoints: Checkpoints | None = None,
    report: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    describe: Callable[[np.ndarray], list[str]] = _row_numbers,
    title: str = "train",
) -> FitResult:
    """Fit `examples.module` in place and keep the step with the lowest balanced cross entropy on the validation rows.

    Without validation rows the last step is kept. params: None for a model that is fitted at once. report: called with
    step and logged values. describe: row numbers → names of clips for messages. Raises NotFinite, with the clips of
    the batch, if the loss is NaN or infinite.
    """
    module = examples.module
    if isinstance(module, FittedAtOnce):
        start = time.perf_counter()
        module.fit(examples.inputs(training.rows), torch.from_numpy(training.labels))
        return FitResult(0, time.perf_counter() - start)
    if params is None:
        raise TypeError("a network needs training settings")
    trainer = ClassifierTrainer(examples, training, validation, params, seed)
    try:
        validate = trainer.validate if len(validation.rows) else None
        trained = train(module, trainer.loss, validate, loop_settings(params, seed), checkpoints, report, title)
    except NotFinite as error:
        clips = describe(training.rows[trainer.batch(error.step)])
        raise error.with_context(f"{title}; the clips of that batch: {', '.join(clips)}") from error
    module.load_state_dict(trained.state)
    return FitResult(trained.step, trained.seconds)


def loop_settings(params: TrainingParams, seed: int) -> LoopSettings:
    """Settings of the training loop."""
    names = {
        "steps", "learning_rate", "schedule", "weight_decay", "ema_decay", "validate_every", "checkpoint_every",
    }  # fmt: skip
    return LoopSettings(seed=seed, **params.model_dump(include=names))


@dataclass(frozen=True)
class ClassifierTrainer:
    """Batches, loss and validation of a classifier's training."""

    examples: TrainingExamples
    training: LabelledRows
    validation: LabelledRows
    params: TrainingParams
    seed: int

    def batch(self, step: int) -> np.ndarray:
        """Positions in `training` of the batch of a step, [batch_size]."""
        return balanced_batch(self.training.labels, self.params.batch_size, self.seed, step)

    def loss(self, network: nn.Module, step: int, rank: int, world: int) -> Tensor:
        """Cross entropy with label smoothing and mixup, of this process's part of a batch.

        Clips of no class add nothing to the cross entropy of classes; a second term, binary cross entropy, teaches the
        output of rejection to tell them from the others.
        """
        batch = self.batch(step)[rank::world]
        device = next(network.parameters()).device
        values = self.examples.augment(self.examples.inputs(self.training.rows[batch]).to(device))
        smoothing = self.params.label_smoothing
        labels = torch.from_numpy(self.training.labels[batch]).to(device)
        in_class = (labels >= 0).float().unsqueeze(1)
        target = functional.one_hot(labels.clamp(min=0), len(CLASSES)).float()
        target = (target * (1 - smoothing) + smoothing / len(CLASSES)) * in_class
        weight, partner = mixup_weights(len(values), self.params.augment.mixup, device)
        target = weight * target + (1 - weight) * target[partner]
        in_class = weight * in_class + (1 - weight) * in_class[partner]
        weight = weight.reshape(-1, *[1] * (values.dim() - 1))
        values = weight * values + (1 - weight) * values[partner]
        outputs = network(values).float()
        loss = soft_cross_entropy(outputs[:, : len(CLASSES)], target)
        if outputs.shape[1] == len(CLASSES):
            return loss
        return loss + functional.binary_cross_entropy_with_logits(outputs[:, -1:], 1 - in_class)

    def validate(self, network: nn.Module) -> tuple[Score, dict[str, float]]:
        """Negative balanced cross entropy as score, and the values to report.

        The entropy changes with every clip; recall changes by whole clips of a scarce class.
        """
        scores = logits(network, self.examples.inputs, self.validation.rows)[:, : len(CLASSES)]
        entropy = balanced_cross_entropy(self.validation.labels, scores)
        recall = macro_recall(self.validation.labels, scores.argmax(axis=1))
        return (-entropy,), {"validation_loss": entropy, "validation_macro_recall": recall}
