"""Details of labelled files: loading of second-level classifiers, and the column of the table."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.details.calibrate import Calibration
from drumspace.classify.inference.details import DetailClassifier, details_of, load_details
from drumspace.classify.inference.label_files import label_files
from drumspace.classify.inference.labeller import Labeller
from drumspace.classify.networks import registry
from drumspace.classify.training import calibration
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.errors import UserError
from drumspace.io.json_files import write_json

AUDIO = AudioParams(sample_rate=8000, seconds=0.25, onset_db=-40, lead_ms=1, fade_ms=5, silence_dbfs=-60)
NAMES = ("closed", "open", "pedal")


class Constant(nn.Module):
    """Predicts one class for all sounds."""

    def __init__(self, index: int, classes: int) -> None:
        super().__init__()
        self.index, self.classes = index, classes

    def forward(self, wave: Tensor) -> Tensor:
        return 9.0 * nn.functional.one_hot(torch.full((len(wave),), self.index), self.classes)


class Length(nn.Module):
    """Predicts an open hat for a loud end and a closed one for silence there; in between it is unsure."""

    def forward(self, wave: Tensor) -> Tensor:
        end = wave[:, -400:].abs().mean(dim=1)
        return torch.stack([9 * (end < 0.001), 9 * (end > 0.1), torch.zeros_like(end)], dim=1).float()


OF_HATS = DetailClassifier(Length(), NAMES, Calibration(1.0, {"closed": 0.8, "open": 0.8, "pedal": None}))


def hat(level: float) -> np.ndarray:
    """A short noise, and a noise of this level to the end."""
    noise = np.random.default_rng(0).uniform(-1, 1, AUDIO.num_samples)
    return np.concatenate([0.8 * noise[:400], level * noise[400:]])


def test_details_are_of_the_most_likely_class() -> None:
    pcm = (np.stack([hat(0.5), hat(0.5), hat(0.0)]) * 30000).astype(np.int16)
    probs = np.eye(8)[[2, 0, 2]]
    assert details_of({"hat": OF_HATS}, pcm, probs) == ["open", None, "closed"]
    assert details_of({}, pcm, probs) == [None, None, None]


def test_the_table_has_the_detail_where_label_and_detail_are_confident(tmp_path: Path) -> None:
    for name, level in (("a open.wav", 0.5), ("b closed.wav", 0.0), ("c unsure.wav", 0.06), ("cowbell.wav", 0.5)):
        soundfile.write(tmp_path / name, hat(level), AUDIO.sample_rate)
    out = tmp_path / "labels.csv"
    member: list[tuple[nn.Module, calibration.Calibration]] = [(Constant(2, 8), calibration.Calibration(1.0, None))]
    labeller = Labeller("hats", AUDIO, member, 1.0, np.full(8, 0.5), details={"hat": OF_HATS})

    def columns(labeller: Labeller) -> list[tuple[str, str]]:
        label_files([tmp_path], out, labeller, NamingRules.load())
        with out.open(encoding="utf-8", newline="") as file:
            return [(row["label"], row["detail"]) for row in csv.DictReader(file)]

    assert columns(labeller) == [("hat", "open"), ("hat", "closed"), ("hat", ""), ("", "")]
    assert columns(replace(labeller, thresholds=np.full(8, 1.01))) == [("", "")] * 4
    assert columns(replace(labeller, details={})) == [("hat", "")] * 3 + [("", "")]


def saved(folder: Path, **changes: object) -> None:
    """Write a second-level classifier of hats, fitted to noise; keywords replace keys of config.json."""
    mel = {"n_fft": 256, "hop_length": 128, "floor_db": -80, "n_mels": 16, "fmin": 20, "fmax": None}
    values = {"splits": 1, "folds": 0, "mel": mel, "n_mfcc": 8, "segments": 4, "components": 8, "c": 10}
    settings = registry.settings_type("svm").model_validate(values)
    model = registry.build("svm", settings, AUDIO.sample_rate, AUDIO.num_samples, len(NAMES))
    model.head.fit(torch.randn(20, model.trunk.features), torch.arange(20) % 3)
    config = {"model": "svm", "settings": values, "audio": AUDIO.model_dump(), "classes": list(NAMES)}
    config |= {"temperature": 1.0, "thresholds": {"closed": 0.0, "open": 0.0, "pedal": None}, **changes}
    (folder / "hat").mkdir(parents=True)
    save_file(
        {key: tensor.contiguous() for key, tensor in model.state_dict().items()}, folder / "hat/model.safetensors"
    )
    write_json(folder / "hat" / "config.json", config)


def test_a_saved_classifier_is_loaded(tmp_path: Path) -> None:
    saved(tmp_path)
    loaded = load_details(tmp_path, AUDIO)
    assert list(loaded) == ["hat"]
    pcm = (np.stack([hat(0.5)] * 3) * 30000).astype(np.int16)
    assert set(loaded["hat"].details(pcm)) <= {"closed", "open", None}


def test_classes_without_a_classifier_are_left_out(tmp_path: Path) -> None:
    assert load_details(tmp_path, AUDIO) == {}
    saved(tmp_path / "off", thresholds=dict.fromkeys(NAMES))
    assert load_details(tmp_path / "off", AUDIO) == {}
    saved(tmp_path / "not_run", not_run="too few kits")
    assert load_details(tmp_path / "not_run", AUDIO) == {}


def test_a_classifier_of_another_format_is_an_error(tmp_path: Path) -> None:
    saved(tmp_path, audio=AUDIO.model_copy(update={"seconds": 0.5}).model_dump())
    with pytest.raises(UserError, match="clips of another format: run `make repro`"):
        load_details(tmp_path, AUDIO)
