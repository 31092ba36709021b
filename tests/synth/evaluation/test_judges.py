"""A judge's summary has its training and its accuracy on the reference; too few clips raise an error."""

from pathlib import Path

import numpy as np
import pytest

from drumspace.errors import NotMeasured
from drumspace.io.json_files import write_json
from drumspace.synth.evaluation.judges import add_accuracy, build_references, random_weights, summarize_judge
from drumspace.synth.evaluation.reference import Reference
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.taxonomy import CLASSES

PARAMS = SynthesisParams(
    seed=0, generators=[], inversions=[], griffin_lim_iterations=1, sounds=8, reference_per_class=4, reconstructions=1,
    interpolations=1, axes=1, resamples=20, neighbours=5, components=4, hop_length=64, noise_db={"noisy_real": -40},
    report_samples=1,
)  # fmt: skip


def judge_folder(folder: Path, weights: str) -> Path:
    config = {"weights": weights, "weights_reason": "no network", "trainable": "head", "trained_on": 9, "chosen_on": 3}
    (folder / "net").mkdir()
    write_json(folder / "net" / "config.json", config)
    return folder / "net"


def test_a_summary_has_the_accuracy_on_the_reference(tmp_path: Path) -> None:
    summary = summarize_judge(judge_folder(tmp_path, "sfx"))
    assert summary["name"] == "net" and summary["trainable"] == "head" and summary["accuracy"] is None

    def judge(waves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return waves, np.eye(len(CLASSES))[np.zeros(len(waves), dtype=int)]

    waves = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    labels = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    add_accuracy(summary, Reference.build(judge, lambda: [waves], lambda: [waves], labels), PARAMS)
    assert summary["accuracy"] == 0.75 and summary["macro_recall"] == 0.5 and summary["n"] == 8
    assert random_weights({"net": summary}) == []


def test_random_weights_are_reported(tmp_path: Path) -> None:
    (gap,) = random_weights({"net": summarize_judge(judge_folder(tmp_path, "random"))})
    assert "net" in gap["what"] and gap["why"] == "random weights: no network"


def test_too_few_reference_clips_are_an_error() -> None:
    waves, labels = np.zeros((5, 8), dtype=np.float32), np.zeros(5, dtype=int)
    with pytest.raises(NotMeasured, match="5 real sounds are held out"):
        build_references({}, None, waves, labels, np.arange(3), PARAMS)  # type: ignore[arg-type]
