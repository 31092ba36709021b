"""Training of one classifier on several splits, on tones of two classes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.training.settings import NetworkSettings
from drumspace.classify.training.train_classifier import CacheFolders, train_classifier
from drumspace.classify.training.train_splits import (
    SplitResults,
    calibrate,
    num_parameters,
    train_splits,
    training_note,
)
from drumspace.taxonomy import CLASSES

AUDIO = AudioParams(sample_rate=8000, seconds=0.25, onset_db=-40, lead_ms=1, fade_ms=5, silence_dbfs=-60)
MANIFEST = {"weights": "random", "reason": "trained from scratch"}
Make = Callable[..., NetworkSettings]


class Tones:
    """48 low (class 0) and high (class 7) tones in two splits, with the interface of LabelledClips."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.labels = np.where(np.arange(48) % 2, 7, 0)
        time = np.arange(AUDIO.num_samples) / AUDIO.sample_rate
        pitch = np.where(self.labels == 0, 200, 2000) * rng.uniform(0.8, 1.25, 48)
        self.clips = (np.sin(2 * np.pi * pitch[:, None] * time) * np.exp(-time * 10) * 20000).astype(np.int16)
        self.ids = np.array([f"clip{number}" for number in range(48)])
        self.catalog = pd.DataFrame({"path": self.ids, "kit": "k", "label": np.array(CLASSES)[self.labels]})
        self.all_rows, self.repeats, self.digest = np.arange(48), 2, "tones"

    def rows(self, split: int, part: str) -> np.ndarray:
        order = ["train", "validation", "test", "test_rest"]
        start = {"train": 0, "validation": 24, "test": 32, "test_rest": 40}[part]
        stop = {"train": 24, "validation": 32, "test": 40, "test_rest": 48}[part]
        assert part in order
        return np.roll(np.arange(48), 8 * split)[start:stop]


def run(make: Make, folder: Path, reports: list[tuple[int, int]], **changes: Any) -> SplitResults:
    caches = CacheFolders(folder / "weights", folder / "embeddings", folder / "checkpoints")
    settings = make("cnn_spec", splits=3, training={"steps": 60}, **changes)
    data: Any = Tones()
    return train_splits(
        "cnn_spec", settings, AUDIO, data, 5, MANIFEST, caches,
        lambda split, step, values: reports.append((split, step)),
    )  # fmt: skip


def test_every_split_predicts_the_clips_it_was_not_trained_on(settings: Make, tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    results = run(settings, tmp_path, reports)
    assert len(results.trainings) == 2
    assert {split for split, _ in reports} == {0, 1}
    table = results.predictions
    assert list(table.columns) == ["clip_id", "split", "part", "kit", "label", *CLASSES]
    counts = table.groupby(["split", "part"]).size()
    assert set(counts) == {8} and len(counts) == 6
    np.testing.assert_allclose(table[list(CLASSES)].sum(axis=1), 1, atol=1e-5)
    assert (table[list(CLASSES)].idxmax(axis=1) == table["label"]).mean() > 0.9
    config = results.config
    assert (config["model"], config["trained_on"], config["seed"]) == ("cnn_spec", 24, 5)
    assert config["parameters"] == num_parameters(results.trainings[0])
    assert set(results.times) == {"training_seconds", "clips_per_second"}


def test_checkpoints_are_kept_until_they_are_cleared(settings: Make, tmp_path: Path) -> None:
    results = run(settings, tmp_path, [])
    assert len(list((tmp_path / "checkpoints").iterdir())) == 2
    for trained in results.trainings:
        trained.clear_checkpoints()
    assert not list((tmp_path / "checkpoints").iterdir())


def test_without_a_checkpoint_folder_none_are_kept(settings: Make, tmp_path: Path) -> None:
    data: Any = Tones()
    caches = CacheFolders(tmp_path / "weights", tmp_path / "embeddings", None)
    no_rows = np.empty(0, dtype=np.int64)
    chosen = settings("cnn_spec", training={"steps": 2})
    trained = train_classifier(
        "cnn_spec", chosen, AUDIO, data, np.arange(8), no_rows, data.all_rows, 0, MANIFEST, caches
    )  # fmt: skip
    trained.clear_checkpoints()
    assert (trained.step, trained.logits(np.arange(3)).shape) == (2, (3, 8))
    assert not list(tmp_path.iterdir())


def test_a_class_without_training_clips_does_not_count_for_the_temperature() -> None:
    data: Any = Tones()
    scores = np.full((8, 8), -3.0)
    scores[np.arange(8), data.labels[:8]] = 1.0
    expected = calibrate(scores[::2], data, np.arange(0, 8, 2), np.array([0]))
    scores[1::2] = [9.0] + [0.0] * 7
    assert calibrate(scores, data, np.arange(8), np.array([0])) == pytest.approx(expected)


def test_the_note_has_number_of_steps_batch_size_and_image_size(settings: Make) -> None:
    assert training_note(settings("cnn_spec")) == "120 steps of 8"
    assert training_note(settings("resnet50")) == "120 steps of 8, picture 32×32"
