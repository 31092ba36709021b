"""Training of one classifier on several splits, on tones of two classes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.training.settings import NetworkSettings, RejectionParams
from drumspace.classify.training.train_classifier import CacheFolders, train_classifier
from drumspace.classify.training.train_splits import (
    SplitResults,
    num_parameters,
    train_splits,
    training_note,
)
from drumspace.taxonomy import CLASSES

AUDIO = AudioParams(sample_rate=8000, seconds=0.25, onset_db=-40, lead_ms=1, fade_ms=5, silence_dbfs=-60)
MANIFEST = {"weights": "random", "reason": "trained from scratch"}
REJECTION = RejectionParams(non_drums=6, min_others=4)
Make = Callable[..., NetworkSettings]


class Tones:
    """48 low (class 0) and high (class 7) tones in two splits, with the interface of LabelledClips.

    `others` bursts of noise follow them, a third each in the parts train, validation and test.
    """

    def __init__(self, others: int = 0) -> None:
        rng = np.random.default_rng(0)
        self.labels = np.where(np.arange(48) % 2, 7, 0)
        time = np.arange(AUDIO.num_samples) / AUDIO.sample_rate
        pitch = np.where(self.labels == 0, 200, 2000) * rng.uniform(0.8, 1.25, 48)
        self.clips = (np.sin(2 * np.pi * pitch[:, None] * time) * np.exp(-time * 10) * 20000).astype(np.int16)
        noise = rng.standard_normal((others, AUDIO.num_samples)) * np.exp(-time * 10) * 8000
        self.clips = np.concatenate([self.clips, noise.clip(-32768, 32767).astype(np.int16)])
        self.ids = np.array([f"clip{number}" for number in range(48 + others)])
        kits = [f"k{number // 2 % 12}" for number in range(48 + others)]
        labels = [CLASSES[label] for label in self.labels] + [None] * others
        self.catalog = pd.DataFrame(
            {"path": self.ids, "kit": kits, "label": labels, "duplicate_group": range(len(labels))}
        )
        self.labels = np.concatenate([self.labels, np.full(others, -1)])
        self.other = self.labels < 0
        self.all_rows, self.repeats, self.digest = np.arange(48), 2, "tones"

    def other_rows(self, split: int, part: str) -> np.ndarray:
        return np.array_split(np.flatnonzero(self.other), 3)[["train", "validation", "test"].index(part)]

    def rows(self, split: int, part: str) -> np.ndarray:
        order = ["train", "validation", "test", "test_rest"]
        start = {"train": 0, "validation": 24, "test": 32, "test_rest": 40}[part]
        stop = {"train": 24, "validation": 32, "test": 40, "test_rest": 48}[part]
        assert part in order
        return np.roll(np.arange(48), 8 * split)[start:stop]


def run(make: Make, folder: Path, reports: list[tuple[int, int]], others: int = 0, **changes: Any) -> SplitResults:
    caches = CacheFolders(folder / "weights", folder / "embeddings", folder / "checkpoints")
    settings = make("cnn_spec", splits=3, training={"steps": 60}, **changes)
    data: Any = Tones(others)
    return train_splits(
        "cnn_spec", settings, AUDIO, data, 5, MANIFEST, caches,
        lambda split, step, values: reports.append((split, step)), REJECTION,
    )  # fmt: skip


def test_every_split_predicts_the_clips_it_was_not_trained_on(settings: Make, tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    results = run(settings, tmp_path, reports)
    assert len(results.trainings) == 2
    assert {split for split, _ in reports} == {0, 1}
    table = results.predictions
    assert list(table.columns) == ["clip_id", "split", "part", "kit", "label", *CLASSES, "other"]
    counts = table.groupby(["split", "part"]).size()
    assert set(counts) == {8} and len(counts) == 6
    np.testing.assert_allclose(table[list(CLASSES)].sum(axis=1), 1, atol=1e-5)
    assert (table[list(CLASSES)].idxmax(axis=1) == table["label"]).mean() > 0.9
    config = results.config
    assert (config["model"], config["trained_on"], config["seed"]) == ("cnn_spec", 24, 5)
    assert config["parameters"] == num_parameters(results.model)
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


def test_folds_train_on_validation_clips_too_and_hold_every_kit_out_once(settings: Make, tmp_path: Path) -> None:
    results = run(settings, tmp_path, [], others=12, folds=3)
    assert len(results.trainings) == 2 * (3 + 1)
    assert results.config["trained_on"] == 32
    assert results.model is results.trainings[3].model
    first = results.predictions[results.predictions["split"] == 0]
    counts = first.groupby("part").size().to_dict()
    assert counts == {
        "cross_validated": 24, "validation": 8, "cross_validated_other": 4, "validation_other": 4,
        "test": 8, "test_rest": 8, "test_other": 4,
    }  # fmt: skip
    assert first["clip_id"].is_unique
    held_out = first[first["part"].isin(["cross_validated", "validation"])]
    assert (held_out[list(CLASSES)].idxmax(axis=1) == held_out["label"]).mean() > 0.9


def test_with_fewer_kits_than_folds_the_validation_part_chooses(
    settings: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    results = run(settings, tmp_path, [], others=12, folds=13)
    assert "cnn_spec is not cross-validated: 13 folds need as many kits, and there are 12" in caplog.text
    assert set(results.predictions["part"]) == {"validation", "validation_other", "test", "test_rest", "test_other"}


def test_other_sounds_add_an_output_and_rows_of_their_own(settings: Make, tmp_path: Path) -> None:
    results = run(settings, tmp_path, [], others=12)
    assert set(results.config["rejection"]) == {"scale", "offset"}
    first = results.predictions[results.predictions["split"] == 0]
    counts = first.groupby("part").size().to_dict()
    assert counts == {"validation": 8, "test": 8, "test_rest": 8, "validation_other": 4, "test_other": 4}
    assert first.loc[first["part"] == "test_other", "label"].isna().all()
    others = first[first["part"] == "test_other"]["other"]
    assert others.min() > first[first["part"] == "test"]["other"].max()


def test_the_note_has_number_of_steps_batch_size_and_image_size(settings: Make) -> None:
    assert training_note(settings("cnn_spec")) == "120 steps of 8"
    assert training_note(settings("resnet50")) == "120 steps of 8, picture 32×32"
