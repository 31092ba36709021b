"""Real clips limit how many sounds can be requested; other generators have no limit."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from drumspace.synth.evaluation.baselines import Noise, RealClips
from drumspace.synth.evaluation.generator_sets import ModelFolders, available_counts, load_generators

COUNTS = np.array([4, 2, 0, 0, 0, 0, 0, 0])
CLIPS = np.zeros((5, 8), dtype=np.float32)


def test_real_clips_limit_the_counts_by_class() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    clips = RealClips(CLIPS.__getitem__, np.arange(5), labels)
    assert available_counts(clips, COUNTS).tolist() == [3, 2, 0, 0, 0, 0, 0, 0]


def test_clips_without_classes_limit_the_sum() -> None:
    assert available_counts(RealClips(CLIPS.__getitem__, np.arange(5)), COUNTS).tolist() == [5]


def test_a_repeated_clip_and_a_generator_have_no_limit() -> None:
    repeated = RealClips(CLIPS.__getitem__, np.arange(5), np.zeros(5, dtype=int), repeated=True)
    for generator in (repeated, Noise(8000, 8)):
        assert available_counts(generator, COUNTS).tolist() == COUNTS.tolist()


def test_a_baseline_that_was_not_trained_is_left_out_with_its_reason(tmp_path: Path) -> None:
    folders = ModelFolders(tmp_path / "wavegan", tmp_path / "mcnn", tmp_path / "vae", tmp_path / "priors")
    for name, entry in (("wavegan", {"not_run": "its steps are 0"}), ("mcnn", {"step": 3})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps({"model": name, **entry}))
    assert folders.not_run(["drum_machine", "wavegan", "griffin_lim", "mcnn"]) == {"wavegan": "its steps are 0"}
    params: Any = SimpleNamespace(generators=["wavegan", "drum_machine"])
    audio: Any = SimpleNamespace(sample_rate=8000, num_samples=800)
    assert [name for name, _, _ in load_generators(folders, audio, params)] == ["drum_machine"]
