"""A whole evaluation: every set of sounds has an entry, samples and a row for each sound."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from drumspace.audio.format.levels import to_pcm
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.synth.evaluation.evaluate_all import SynthesisEvaluation
from drumspace.synth.evaluation.generator_sets import ModelFolders
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.taxonomy import CLASSES
from small_vae import AUDIO, drums

PARAMS = SynthesisParams(
    seed=0, generators=["drum_machine", "vae"], inversions=[], griffin_lim_iterations=1, sounds=8,
    reference_per_class=8, reconstructions=4, interpolations=1, axes=1, resamples=20, neighbours=2, components=4,
    hop_length=64, noise_db={"noisy_real": -40}, report_samples=1,
)  # fmt: skip
DUPLICATES = DuplicateParams(similarity=0.97, neighbours=2, correlation=0.9, bright_correlation=0.8, max_shift_ms=5)


class FakeClips:
    """Clips held in memory."""

    def __init__(self, waves: np.ndarray) -> None:
        self.waves = waves

    def float32(self, rows: np.ndarray) -> np.ndarray:
        return self.waves[rows]

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        return to_pcm(self.waves[rows])


def judge(waves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Judge: embeds a sound as its power in eight bands and predicts a kick for every sound."""
    power = np.abs(np.fft.rfft(waves, axis=1)[:, :1200]) ** 2
    bands = np.log(power.reshape(len(waves), 8, -1).sum(axis=2) + 1e-6)
    return bands, np.eye(len(CLASSES))[np.zeros(len(waves), dtype=int)]


def evaluation(models: Path, reference: np.ndarray) -> SynthesisEvaluation:
    waves, labels = drums()
    ids = np.array([f"clip-{row}" for row in range(len(waves))])
    data: Any = SimpleNamespace(clips=FakeClips(waves), labels=labels, ids=ids)
    rows = np.arange(len(waves))
    subsets: Any = SimpleNamespace(reference=reference, others=rows[1::4], generators=rows[2::4])
    folders = ModelFolders(models / "wavegan", models / "mcnn", models / "vae", models / "priors")
    return SynthesisEvaluation(data, subsets, folders, AUDIO, DUPLICATES, PARAMS)


def summaries() -> dict[str, Any]:
    return {"bands": {"name": "bands", "weights": "sfx", "weights_reason": None, "accuracy": None}}


def test_every_set_has_an_entry_samples_and_rows(models: Path) -> None:
    judges = summaries()
    results = evaluation(models, np.arange(64)[::4]).run({"bands": judge}, judges)
    sets = {"drum_machine", "vae", "noisy_real", "floor", "floor_as_they_come", "noise", "silence", "repeated"}
    assert set(results.entries) == sets and set(results.samples) == sets | {"reference"}
    assert judges["bands"]["accuracy"] == 0.5
    assert "interpolation" in results.entries["vae"] and set(results.latent_samples) == {"vae"}
    assert results.entries["drum_machine"]["conditional"] and not results.entries["noise"]["conditional"]
    assert {table["sounds"].iloc[0] for table in results.tables} == sets
    assert all(str(name).startswith("clip-") for table in results.tables for name in table["nearest"])


@pytest.mark.parametrize("count", [0, 2])
def test_too_few_reference_clips_leave_a_reason(models: Path, count: int) -> None:
    judges, whole = summaries(), evaluation(models, np.arange(count))
    results = whole.run({"bands": judge}, judges)
    reason = {"what": "generated sounds", "why": f"{count} real sounds are held out as a reference"}
    assert not results.entries
    assert results.missing == [reason]
    summary = whole.summary(judges)
    assert (summary["judge"]["accuracy"], summary["reference"]["n"]) == (None, count)
    assert reason in summary["not_measured"]
