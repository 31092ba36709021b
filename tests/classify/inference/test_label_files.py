import csv
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor, nn

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.inference.label_files import label_files, sound_files
from drumspace.classify.inference.labeller import Labeller
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.errors import UserError
from drumspace.taxonomy import CLASSES

AUDIO = AudioParams(sample_rate=8000, seconds=0.25, onset_db=-40, lead_ms=1, fade_ms=5, silence_dbfs=-60)


class Louder(nn.Module):
    """Predicts a kick, with higher confidence for a brighter sound."""

    def forward(self, wave: Tensor) -> Tensor:
        bright = wave.diff(dim=1).abs().mean(dim=1) > 0.05
        return torch.nn.functional.one_hot(torch.zeros(len(wave), dtype=torch.int64), 8) * (1.0 + 6.0 * bright[:, None])


def labeller() -> Labeller:
    return Labeller("louder", AUDIO, [(Louder(), 1.0)], 1.0, abstain_below=0.7)


def tone(path: bytes, hertz: float) -> None:
    wave = 0.7 * np.sin(2 * np.pi * hertz * np.arange(2000) / 8000)
    soundfile.write(path, wave, 8000, format="WAV")


def test_file_names_that_are_not_utf8_are_labelled_and_written_unchanged(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/ki\xffck.wav"
    try:
        tone(odd, 2000)
    except OSError:
        pytest.skip("this file system takes no such name")
    tone(os.fsencode(tmp_path / "plain.wav"), 2000)
    (tmp_path / os.fsdecode(b"bro\xffken.wav")).write_bytes(b"no sound")
    out = tmp_path / "labels.csv"
    assert label_files([tmp_path], out, labeller(), NamingRules.load()) == (2, 0, 1)
    assert odd in out.read_bytes()
    assert b"bro\xffken.wav" in (tmp_path / "labels.errors.csv").read_bytes()


def test_sounds_of_low_confidence_and_drums_of_no_class_get_no_label(tmp_path: Path) -> None:
    for name, hertz in (("a.wav", 2000), ("dull.wav", 60), ("cowbell.wav", 2000)):
        tone(os.fsencode(tmp_path / name), hertz)
    out = tmp_path / "out" / "labels.csv"
    assert label_files([tmp_path], out, labeller(), NamingRules.load()) == (1, 2, 0)
    with out.open(encoding="utf-8", newline="") as file:
        rows = {Path(row["path"]).name: row for row in csv.DictReader(file)}
    assert {name: row["label"] for name, row in rows.items()} == {"a.wav": "kick", "dull.wav": "", "cowbell.wav": ""}
    assert sum(float(rows["dull.wav"][label]) for label in CLASSES) == pytest.approx(1, abs=1e-3)
    assert not out.with_name("labels.errors.csv").exists()


def test_nothing_to_label_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no sound file in"):
        label_files([tmp_path], tmp_path / "labels.csv", labeller(), NamingRules.load())
    with pytest.raises(UserError, match="does not exist"):
        sound_files([tmp_path / "gone"])
