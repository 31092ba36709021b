"""Labels of files, folders, SoundFonts and archives, and the reason of each missing one."""

import csv
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor, nn

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.inference.label_batches import BATCH
from drumspace.classify.inference.label_files import label_files, label_sounds
from drumspace.classify.inference.labeller import Labeller
from drumspace.classify.training.calibration import Calibration
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
    return Labeller("louder", AUDIO, [(Louder(), Calibration(1.0, None))], 1.0, np.full(8, 0.7))


def tone(path: bytes, hertz: float) -> None:
    Path(os.fsdecode(path)).parent.mkdir(parents=True, exist_ok=True)
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


def rows_of(out: Path) -> dict[str, dict[str, str]]:
    """Rows of the table `out`, by path."""
    with out.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def test_every_row_without_a_label_has_its_reason(tmp_path: Path) -> None:
    for name, hertz in (("a.wav", 2000), ("dull.wav", 60), ("cowbell.wav", 2000)):
        tone(os.fsencode(tmp_path / "kit" / name), hertz)
    (tmp_path / "kit" / "broken.wav").write_bytes(b"no sound")
    (tmp_path / "kit" / "empty.sf2").touch()
    out = tmp_path / "labels.csv"
    assert label_files([tmp_path / "kit"], out, labeller(), NamingRules.load()) == (1, 2, 2)
    rows = rows_of(out)
    assert [Path(path).name for path in rows] == ["a.wav", "broken.wav", "cowbell.wav", "dull.wav", "empty.sf2"]
    reasons = {Path(path).name: row["reason"] for path, row in rows.items()}
    assert (reasons["a.wav"], reasons["dull.wav"]) == ("", "low confidence")
    assert reasons["cowbell.wav"] == "name says other"
    assert reasons["broken.wav"].startswith("not read: no sound that can be decoded")
    assert reasons["empty.sf2"] == "not read: empty file"


def test_a_loop_gets_no_label(tmp_path: Path) -> None:
    time = np.arange(2000) / 8000
    hit = np.random.default_rng(0).standard_normal(2000) * np.exp(-15 * time)
    for name, sound in (("hit.wav", hit), ("beat.wav", np.tile(hit, 8))):
        soundfile.write(tmp_path / name, 0.2 * sound, 8000)
    out = tmp_path / "labels.csv"
    assert label_files([tmp_path], out, labeller(), NamingRules.load()) == (1, 1, 0)
    reasons = {Path(path).name: row["reason"] for path, row in rows_of(out).items()}
    assert reasons == {"hit.wav": "", "beat.wav": "several hits: loop"}
    never = replace(labeller(), never_abstains=True)
    assert label_files([tmp_path], out, never, NamingRules.load()) == (2, 0, 0)


def test_a_threshold_of_0_labels_every_sound(tmp_path: Path) -> None:
    for name in ("dull.wav", "cowbell.wav"):
        tone(os.fsencode(tmp_path / "Grime Block Sample Pack" / name), 60)
    never = replace(labeller(), never_abstains=True)
    assert label_files([tmp_path], tmp_path / "labels.csv", never, NamingRules.load()) == (2, 0, 0)


@pytest.mark.parametrize("title", ["Pilgrim Drum Kit", "Grime Block Sample Pack", "Timbaland Producer Pack"])
def test_titles_of_folders_are_no_reason_to_abstain(tmp_path: Path, title: str) -> None:
    for number in (1, 2):
        tone(os.fsencode(tmp_path / title / f"0{number}.wav"), 2000 + number)
    assert label_files([tmp_path / title], tmp_path / "labels.csv", labeller(), NamingRules.load()) == (2, 0, 0)


def test_sounds_in_archives_and_soundfonts_are_labelled(tmp_path: Path, soundfont: Callable[..., Path]) -> None:
    pcm = (20000 * np.sin(2 * np.pi * 2000 * np.arange(2000) / 8000)).astype(np.int16)
    font = soundfont(
        tmp_path / "font.sf2",
        [("Standard", 0, 128, [(None, 0)])],
        [("Drums", [((36, 36), 0), ((56, 56), 1)])],
        [("smp 1", 1, 0, pcm, 8000), ("smp 2", 1, 0, pcm[:1500], 8000)],
    )
    tone(os.fsencode(tmp_path / "x.wav"), 2000)
    with zipfile.ZipFile(tmp_path / "Pack.zip", "w") as archive:
        archive.write(tmp_path / "x.wav", "kit/x.wav")
        archive.write(tmp_path / "x.wav", "kit/cowbell.wav")
    out = tmp_path / "labels.csv"
    assert label_files([font, tmp_path / "Pack.zip"], out, labeller(), NamingRules.load()) == (2, 2, 0)
    expected = {
        "font.sf2/Standard/36-smp 1": "kick",
        "font.sf2/Standard/56-smp 2": "",  # the General MIDI key of a cowbell
        "Pack.zip/kit/cowbell.wav": "",
        "Pack.zip/kit/x.wav": "kick",
    }
    assert {path: row["label"] for path, row in rows_of(out).items()} == {
        f"{tmp_path}/{path}": label for path, label in expected.items()
    }
    assert label_files([tmp_path], out, labeller(), NamingRules.load()) == (3, 2, 0)


def test_nothing_to_label_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no sound file in"):
        label_files([tmp_path], tmp_path / "labels.csv", labeller(), NamingRules.load())
    (tmp_path / "loop.rx2").touch()
    with pytest.raises(UserError, match=r"\(1 \.rx2 file was not read\)"):
        label_files([tmp_path], tmp_path / "labels.csv", labeller(), NamingRules.load())
    with pytest.raises(UserError, match="does not exist"):
        label_files([tmp_path / "gone"], tmp_path / "labels.csv", labeller(), NamingRules.load())
    assert [path.name for path in tmp_path.iterdir()] == ["loop.rx2"]


class Failing(nn.Module):
    """Raises an error at the second batch."""

    batches = 0

    def forward(self, wave: Tensor) -> Tensor:
        self.batches += 1
        if self.batches > 1:
            raise RuntimeError("no memory")
        return torch.zeros(len(wave), 8)


def test_an_interrupted_run_leaves_the_former_table(tmp_path: Path) -> None:
    for number in range(2 * BATCH):
        tone(os.fsencode(tmp_path / "sounds" / f"{number}.wav"), 1000)
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "labels.csv"
    out.write_text("former")
    failing = replace(labeller(), members=[(Failing(), Calibration(1.0, None))])
    with pytest.raises(RuntimeError, match="no memory"):
        label_files([tmp_path / "sounds"], out, failing, NamingRules.load())
    assert [path.name for path in out.parent.iterdir()] == ["labels.csv"]
    assert out.read_text() == "former"


def test_the_table_is_the_same_as_the_labels_in_memory(tmp_path: Path) -> None:
    for number in range(BATCH + 5):
        tone(os.fsencode(tmp_path / "sounds" / f"kit {number % 3}" / f"{number}.wav"), 100 + 60 * number)
    (tmp_path / "sounds" / "kit 1" / "2 broken.wav").write_bytes(b"no sound")
    out = tmp_path / "labels.csv"
    counts = label_files([tmp_path / "sounds"], out, labeller(), NamingRules.load())
    sounds, errors = label_sounds([tmp_path / "sounds"], labeller(), NamingRules.load())
    rows = rows_of(out)
    assert sum(counts) == len(rows) == BATCH + 6
    assert [(str(sound.path), sound.label or "", sound.reason) for sound in sounds] == [
        (row["path"], row["label"], row["reason"]) for row in rows.values()
    ]
    assert [path.name for path in errors] == ["2 broken.wav"]
    assert list(map(Path, rows)) == sorted(map(Path, rows))
