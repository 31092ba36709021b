import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from drumspace.audio.spectral.transforms import to_wave
from drumspace.classify.models.cnn_spec import build
from drumspace.classify.training.embeddings import cached_embeddings, embed
from drumspace.classify.training.fit import LabelledRows, balanced_batch, fit, logits, soft_cross_entropy
from drumspace.classify.training.settings import NetworkSettings
from drumspace.classify.training.training_examples import TrainingExamples, prepare_examples
from drumspace.errors import UserError
from drumspace.training.core.checkpoints import Checkpoints

RATE, LENGTH = 8000, 4000
Make = Callable[..., NetworkSettings]


def clips(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Low (class 0) and high (class 7) tones, int16."""
    rng = np.random.default_rng(seed)
    labels = np.where(np.arange(count) % 2, 7, 0)
    time = np.arange(LENGTH) / RATE
    pitch = np.where(labels == 0, 200, 2000) * rng.uniform(0.8, 1.25, count)
    wave = np.sin(2 * np.pi * pitch[:, None] * time) * np.exp(-time * 10)
    return (wave * 20000).astype(np.int16), labels


def trained(make: Make, folder: Path, labels: np.ndarray | None = None, **changes: object) -> TrainingExamples:
    pcm, truth = clips(40, 0)
    labels = truth if labels is None else labels
    torch.manual_seed(0)
    settings_ = make("cnn_spec", **changes)
    model = build(settings_, RATE, LENGTH, 8)
    rows = np.arange(40)
    examples = prepare_examples(model, settings_, pcm.__getitem__, rows, RATE, folder / "embeddings", "40 clips")
    fit(
        examples,
        LabelledRows(rows[:30], labels[:30]),
        LabelledRows(rows[30:], labels[30:]),
        settings_.training,
        seed=5,
        checkpoints=Checkpoints(folder, "k"),
        title="cnn_spec",
    )
    return TrainingExamples(model, lambda batch: to_wave(clips(30, 1)[0][batch]), lambda wave: wave)


def test_batches_are_balanced_and_depend_on_seed_and_step_only() -> None:
    labels = np.r_[np.zeros(990, int), np.full(10, 3)]
    drawn = np.concatenate([labels[balanced_batch(labels, 32, 0, step)] for step in range(50)])
    assert 0.45 < np.mean(drawn == 3) < 0.55
    assert np.array_equal(balanced_batch(labels, 32, 0, 7), balanced_batch(labels, 32, 0, 7))
    assert not np.array_equal(balanced_batch(labels, 32, 0, 7), balanced_batch(labels, 32, 0, 8))


def test_soft_cross_entropy_of_one_hot_targets_is_cross_entropy() -> None:
    scores, labels = torch.randn(5, 8), torch.randint(8, (5,))
    expected = torch.nn.functional.cross_entropy(scores, labels)
    torch.testing.assert_close(soft_cross_entropy(scores, torch.eye(8)[labels]), expected)


def test_a_network_trains_and_one_seed_gives_the_same_bytes(settings: Make, tmp_path: Path) -> None:
    first, second = trained(settings, tmp_path / "a"), trained(settings, tmp_path / "b")
    _, truth = clips(30, 1)
    scores = logits(first.module, first.inputs, np.arange(30), batch_size=7)
    # Over 5 seeds with and without bf16 all 30 are right; with a frozen trunk (below) at least 29.
    assert (scores.argmax(1) == truth).mean() >= 0.95
    states = (first.module.state_dict().values(), second.module.state_dict().values())
    assert all(torch.equal(a, b) for a, b in zip(*states, strict=True))


def test_swapped_labels_give_swapped_predictions(settings: Make, tmp_path: Path) -> None:
    # Randomly permuted labels would prove little: each of two clouds is predicted as one class, right or wrong by
    # chance (accuracy 0.03 to 1.0 over 5 permutations). Swapped labels must swap every prediction.
    _, truth = clips(40, 0)
    model = trained(settings, tmp_path, np.where(truth == 0, 7, 0))
    _, fresh = clips(30, 1)
    assert (logits(model.module, model.inputs, np.arange(30)).argmax(1) == np.where(fresh == 0, 7, 0)).mean() >= 0.95


def test_a_frozen_trunk_is_embedded_once_and_its_head_trains(settings: Make, tmp_path: Path) -> None:
    model = trained(settings, tmp_path, trainable="head")
    (path,) = (tmp_path / "embeddings").iterdir()
    written = path.stat().st_mtime_ns
    _, truth = clips(30, 1)
    assert (logits(model.module, model.inputs, np.arange(30)).argmax(1) == truth).mean() >= 0.9
    again = trained(settings, tmp_path, trainable="head")
    assert path.stat().st_mtime_ns == written
    assert len(list((tmp_path / "embeddings").iterdir())) == 1
    states = (model.module.state_dict().values(), again.module.state_dict().values())
    assert all(torch.equal(a, b) for a, b in zip(*states, strict=True))


def test_the_cache_of_embeddings_depends_on_trunk_and_rows(settings: Make, tmp_path: Path) -> None:
    pcm, _ = clips(12, 0)
    for seed, rows in ((0, np.arange(12)), (1, np.arange(12)), (0, np.arange(6))):
        torch.manual_seed(seed)
        settings_ = settings("cnn_spec", trainable="head")
        model = build(settings_, RATE, LENGTH, 8)
        values = cached_embeddings(model, settings_, pcm.__getitem__, rows, "clips", tmp_path)
        np.testing.assert_allclose(values, embed(model, pcm.__getitem__, rows), atol=1e-6)
    assert len(list(tmp_path.iterdir())) == 3


def test_the_cache_of_embeddings_depends_on_the_settings_of_the_front_end(settings: Make, tmp_path: Path) -> None:
    pcm, _ = clips(12, 0)
    embeddings = []
    for floor in (-80, -40):
        torch.manual_seed(0)
        usual = settings("cnn_spec", trainable="head")
        settings_ = usual.model_copy(update={"mel": usual.mel.model_copy(update={"floor_db": floor})})  # type: ignore[attr-defined]
        model = build(settings_, RATE, LENGTH, 8)
        embeddings.append(cached_embeddings(model, settings_, pcm.__getitem__, np.arange(12), "clips", tmp_path))
    assert not np.allclose(*embeddings)


def test_a_loss_that_is_not_finite_is_an_error_with_step_clips_and_checkpoint(settings: Make, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        trained(settings, tmp_path, training={"learning_rate": 1e30, "weight_decay": 0.0})
    text = str(caught.value)
    assert re.search(r"the (loss|gradient) is not finite at step \d+", text)
    assert re.search(r"cnn_spec; the clips of that batch: row \d+(, row \d+){7}:", text)
    assert "The last good checkpoint:" in text
