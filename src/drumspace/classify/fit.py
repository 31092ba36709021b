"""Fit any registered classifier to clips and read probabilities from it."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from drumspace.artifacts import CLASSES
from drumspace.audio.spectral import to_wave
from drumspace.classify.augment import augment_waves, mixup_weights
from drumspace.classify.params import TrainingParams
from drumspace.classify.registry import FittedAtOnce
from drumspace.metrics.classification import macro_recall
from drumspace.training.checkpoints import Checkpoints
from drumspace.training.loop import LoopSettings, Score, train

Pcm = Callable[[np.ndarray], np.ndarray]
"""Row numbers [n] → int16 [n, num_samples], such as artifacts.Clips' own indexing."""


def device() -> torch.device:
    """The accelerator where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


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


def logits(model: nn.Module, pcm: Pcm, rows: np.ndarray, batch_size: int = 128) -> np.ndarray:
    """float32 [len(rows), n_classes], the model in evaluation mode on the device it is on."""
    place = next((tensor.device for tensor in [*model.parameters(), *model.buffers()]), torch.device("cpu"))
    model.eval()
    parts = []
    with torch.inference_mode():
        for begin in range(0, len(rows), batch_size):
            wave = to_wave(pcm(rows[begin : begin + batch_size])).to(place)
            parts.append(model(wave).float().cpu().numpy())
    return np.concatenate(parts) if parts else np.empty((0, len(CLASSES)), dtype=np.float32)


def soft_cross_entropy(scores: Tensor, target: Tensor) -> Tensor:
    """Mean cross entropy of logits [B, C] against class probabilities [B, C]."""
    return -(target * functional.log_softmax(scores, dim=1)).sum(dim=1).mean()


def fit(
    model: nn.Module,
    pcm: Pcm,
    train_rows: np.ndarray,
    train_labels: np.ndarray,
    validation_rows: np.ndarray,
    validation_labels: np.ndarray,
    sample_rate: int,
    params: TrainingParams | None,
    seed: int,
    checkpoints: Checkpoints | None = None,
    report: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    title: str = "train",
) -> int:
    """Fit `model` in place and return the step that was kept (0 for a model that is fitted at once).

    Rows are row numbers for `pcm`, labels class indices. The best step is chosen on the validation clips alone.
    `params` may be None for a model that is fitted at once.
    """
    model.to(device())
    if isinstance(model, FittedAtOnce):
        model.fit(to_wave(pcm(train_rows)), torch.from_numpy(train_labels))
        return 0
    if params is None:
        raise TypeError("a network needs training params")

    def loss(network: nn.Module, step: int, rank: int, world: int) -> Tensor:
        batch = balanced_batch(train_labels, params.batch_size, seed, step)[rank::world]
        place = next(network.parameters()).device
        wave = to_wave(pcm(train_rows[batch])).to(place)
        target = functional.one_hot(torch.from_numpy(train_labels[batch]).to(place), len(CLASSES)).float()
        target = target * (1 - params.label_smoothing) + params.label_smoothing / len(CLASSES)
        wave = augment_waves(wave, sample_rate, params.augment)
        weight, partner = mixup_weights(len(wave), params.augment.mixup, place)
        target = weight * target + (1 - weight) * target[partner]
        wave = weight * wave + (1 - weight) * wave[partner]
        return soft_cross_entropy(network(wave), target)

    def validate(network: nn.Module) -> tuple[Score, dict[str, float]]:
        scores = torch.from_numpy(logits(network, pcm, validation_rows))
        entropy = functional.cross_entropy(scores, torch.from_numpy(validation_labels)).item()
        recall = macro_recall(validation_labels, scores.argmax(1).numpy())
        return (recall, -entropy), {"validation_loss": entropy, "validation_macro_recall": recall}

    settings = LoopSettings(
        steps=params.steps,
        learning_rate=params.learning_rate,
        weight_decay=params.weight_decay,
        ema_decay=params.ema_decay,
        validate_every=params.validate_every,
        checkpoint_every=params.checkpoint_every,
        seed=seed,
    )
    trained = train(model, loss, validate if len(validation_rows) else None, settings, checkpoints, report, title)
    model.load_state_dict(trained.state)
    return trained.step
