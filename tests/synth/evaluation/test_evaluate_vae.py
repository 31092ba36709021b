"""Figures of a latent space: each from sounds of which the answer is known."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.synth.evaluation.evaluate import Judging
from drumspace.synth.evaluation.evaluate_vae import evaluate_vae, pairs_of
from drumspace.synth.evaluation.memorization import Copies, to_pcm
from drumspace.synth.evaluation.reference import Reference
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.taxonomy import CLASSES
from small_vae import AUDIO, LATENT, LENGTH, RATE, drums

PARAMS = SynthesisParams.model_validate(
    {
        "seed": 0, "generators": [], "inversions": [], "griffin_lim_iterations": 1, "sounds": 16,
        "reference_per_class": 10, "reconstructions": 10, "interpolations": 3, "axes": 2, "resamples": 20,
        "neighbours": 3, "components": 4, "hop_length": 64, "noise_db": {"noisy_real": -40}, "report_samples": 1,
    }
)  # fmt: skip


def hear(waves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points: where the power lies. It calls what has less than a tenth of it in the upper half a kick."""
    power = np.abs(np.fft.rfft(waves, axis=1)) ** 2
    bands = power[:, : LENGTH // 2].reshape(len(waves), 8, -1).sum(axis=2)
    share = bands / bands.sum(axis=1, keepdims=True).clip(1e-9)
    said = np.full((len(waves), len(CLASSES)), 0.01)
    said[np.arange(len(waves)), np.where(share[:, 4:].sum(axis=1) < 0.1, 0, 1)] = 1
    return share, said / said.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def judging() -> Judging:
    waves, kinds = drums()
    reference = Reference.of(hear, lambda: [waves], lambda: [waves], kinds)
    duplicates = DuplicateParams(similarity=0.97, neighbours=2, correlation=0.9, bright_correlation=0.8, max_shift_ms=5)
    copies = Copies(to_pcm(waves).__getitem__, np.arange(len(waves)), AUDIO, duplicates)
    return Judging({"ear": reference}, copies, RATE, PARAMS)


def test_every_figure_is_there(vae: TrainedVae, judging: Judging) -> None:
    waves, kinds = drums()
    counts = np.array([8, 8, 0, 0, 0, 0, 0, 0])
    figures, heard = evaluate_vae(vae, waves, kinds, counts, judging)
    assert figures["latent_dim"] == LATENT and 0 < figures["active_units"] <= LATENT
    assert figures["nats"] == pytest.approx(sum(figures["nats_by_unit"]))
    assert figures["reconstruction"]["all"]["n"] == 10
    assert set(figures["priors"]) == {"normal", "mixture", "flow"}
    fitted, standard = figures["priors"]["mixture"], figures["priors"]["normal"]
    assert fitted["n"] == 16 and fitted["kernel_distance"] < standard["kernel_distance"] + 0.2
    assert set(figures["walks"]) == {"linear", "spherical"}
    assert figures["walks"]["linear"]["path_ratio"] >= 1 and 0 <= figures["walks"]["linear"]["between"] <= 1
    assert [axis["axis"] for axis in figures["directions"]] == [1, 2]
    assert heard.reconstructions.shape == (2, 2, LENGTH) and heard.walks.shape == (2, 9, LENGTH)
    assert heard.directions.shape == (2, 5, LENGTH)
    assert [row["class"] for row in heard.told["reconstructions"]] == ["kick", "snare"]
    np.testing.assert_array_equal(heard.reconstructions[:, 0], to_pcm(waves[first_of(kinds)]))


def first_of(kinds: np.ndarray) -> list[int]:
    """The first of each class among the ten that are reconstructed."""
    chosen = np.sort(np.random.default_rng(0).permutation(len(kinds))[:10])
    return [int(chosen[kinds[chosen] == index][0]) for index in (0, 1)]


def test_same_seed_same_figures(vae: TrainedVae, judging: Judging) -> None:
    waves, kinds = drums()
    measure: Any = partial(evaluate_vae, vae, waves, kinds, np.array([4, 4, 0, 0, 0, 0, 0, 0]), judging)
    assert measure()[0] == measure()[0]


def test_pairs_are_of_two_classes() -> None:
    kinds = np.array([0, 0, 1, 3])
    for begin, end in pairs_of(kinds, 20, np.random.default_rng(0)):
        assert kinds[begin] != kinds[end]
    assert pairs_of(np.zeros(4, dtype=int), 5, np.random.default_rng(0)) == []
