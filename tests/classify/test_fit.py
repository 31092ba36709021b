from pathlib import Path

import numpy as np
import torch

from drumspace.classify.fit import balanced_batch, fit, logits, soft_cross_entropy
from drumspace.classify.models.cnn_spec import Settings, build
from drumspace.classify.params import AugmentParams, TrainingParams
from drumspace.training.checkpoints import Checkpoints

RATE, LENGTH = 8000, 4000


def clips(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Low (class 0) and high (class 7) tones, int16."""
    rng = np.random.default_rng(seed)
    labels = np.where(np.arange(count) % 2, 7, 0)
    time = np.arange(LENGTH) / RATE
    pitch = np.where(labels == 0, 200, 2000) * rng.uniform(0.8, 1.25, count)
    wave = np.sin(2 * np.pi * pitch[:, None] * time) * np.exp(-time * 10)
    return (wave * 20000).astype(np.int16), labels


def settings(steps: int) -> Settings:
    training = TrainingParams(
        steps=steps,
        batch_size=8,
        learning_rate=0.01,
        weight_decay=0.0,
        ema_decay=0.5,
        label_smoothing=0.0,
        validate_every=10,
        checkpoint_every=10,
        augment=AugmentParams(gain_db=3, shift_ms=5, speed=0.02, noise_db=-40, mixup=0.0),
    )
    mel = {"n_fft": 256, "hop_length": 128, "floor_db": -80, "n_mels": 16, "fmin": 20, "fmax": None}
    return Settings(mel=mel, channels=[8, 8], dropout=0, mask_bands=0, mask_frames=0, training=training)


def trained(folder: Path, labels: np.ndarray | None = None) -> torch.nn.Module:
    pcm, truth = clips(40, 0)
    labels = truth if labels is None else labels
    torch.manual_seed(0)
    chosen = settings(120)
    model = build(chosen, RATE, LENGTH, 8)
    rows = np.arange(40)
    fit(
        model,
        pcm.__getitem__,
        rows[:30],
        labels[:30],
        rows[30:],
        labels[30:],
        RATE,
        chosen.training,
        seed=5,
        checkpoints=Checkpoints(folder, "k"),
    )
    return model


def test_batches_are_balanced_and_follow_from_the_step() -> None:
    labels = np.r_[np.zeros(990, int), np.full(10, 3)]
    drawn = np.concatenate([labels[balanced_batch(labels, 32, 0, step)] for step in range(50)])
    assert 0.45 < np.mean(drawn == 3) < 0.55
    assert np.array_equal(balanced_batch(labels, 32, 0, 7), balanced_batch(labels, 32, 0, 7))
    assert not np.array_equal(balanced_batch(labels, 32, 0, 7), balanced_batch(labels, 32, 0, 8))


def test_soft_cross_entropy_of_certain_targets_is_cross_entropy() -> None:
    scores, labels = torch.randn(5, 8), torch.randint(8, (5,))
    expected = torch.nn.functional.cross_entropy(scores, labels)
    torch.testing.assert_close(soft_cross_entropy(scores, torch.eye(8)[labels]), expected)


def test_a_network_learns_and_one_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "a"), trained(tmp_path / "b")
    pcm, truth = clips(30, 1)
    scores = logits(first, pcm.__getitem__, np.arange(30), batch_size=7)
    assert (scores.argmax(1) == truth).mean() >= 0.95
    assert all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


def test_permuted_labels_destroy_accuracy(tmp_path: Path) -> None:
    _, truth = clips(40, 0)
    model = trained(tmp_path, np.random.default_rng(1).permutation(truth))
    pcm, fresh = clips(30, 1)
    assert (logits(model, pcm.__getitem__, np.arange(30)).argmax(1) == fresh).mean() < 0.8
