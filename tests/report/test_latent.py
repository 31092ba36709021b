"""The section on latent spaces presents the metrics of synthesis.json and its samples."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from drumspace.report.inputs import Inputs, Latent
from drumspace.report.page import render
from drumspace.report.sections import latent as section

LENGTH = 44100
ERRORS = {
    "n": 64, "with_pitch": 30, "pitch_semitones_n": 28, "mrstft": 1.23, "log_spectral_distance": 5.67,
    "mel_distance": 4.5, "onset_ms": 0.5, "envelope_db": 2.5, "pitch_semitones": 1.5,
}  # fmt: skip
PRIOR = {
    "kernel_distance": 0.0456, "kernel_distance_ci95": [0.04, 0.05], "coverage": 0.31, "precision": 0.7,
    "class_agreement": 0.62, "n": 400,
}  # fmt: skip
AXIS: dict[str, Any] = {
    "axis": 1, "name": "decay", "words": ["shorter", "longer"], "strength": 0.9, "start_class": "tom",
    "changes": {"decay": {"per_step": 0.71, "steadiness": 0.93, "n": 8}},
}  # fmt: skip
LAYERS = [
    {"part": "encoder", "name": "layers.0", "kind": "convolution 1 → 24, kernel 3 × 3", "shape": [24, 48, 87],
     "parameters": 240},
    {"part": "to_posterior", "name": "1", "kind": "linear 8448 → 128", "shape": [128], "parameters": 1081472},
    {"part": "from_latent", "name": "0", "kind": "linear 96 → 2816", "shape": [2816], "parameters": 273152},
    {"part": "decoder", "name": "phase", "kind": "linear 192 → 1026", "shape": [176, 1026], "parameters": 198018},
]  # fmt: skip


def entry() -> dict[str, Any]:
    """Metrics that a VAE has beside those of any generator."""
    return {
        "active_units": 41, "latent_dim": 64, "kl_nats": 55.25,
        "reconstruction": {"all": ERRORS, "hop_periodicity": 0.03},
        "priors": {"normal": {**PRIOR, "kernel_distance": 0.0912, "class_agreement": None}, "mixture": PRIOR},
        "interpolation": {
            "linear": {"path_ratio": 1.5, "between": 0.8, "n": 12},
            "spherical": {"path_ratio": 1.4, "between": 0.9, "n": 12},
        },
        "directions": [
            AXIS,
            {**AXIS, "axis": 2, "name": None, "words": None, "changes": {}},
            *({**AXIS, "axis": axis} for axis in (3, 4, 5)),
        ],
    }  # fmt: skip


def latent() -> Latent:
    """Sounds of one."""
    pcm = np.random.default_rng(0).integers(-2000, 2000, (9, LENGTH)).astype(np.int16)
    rows: dict[str, list[dict[str, Any]]] = {
        "reconstructions": [{"class": "kick"}, {"class": "tom"}],
        "interpolation": [{"path": "linear", "from": "kick", "to": "hat"}],
        "directions": entry()["directions"],
        "model_summary": LAYERS,
    }
    return Latent(pcm[:4].reshape(2, 2, -1), pcm[None, :3], np.stack([pcm[:5], pcm[4:9], *3 * [pcm[2:7]]]), rows)


@pytest.fixture
def inputs(make_inputs: Callable[..., Inputs]) -> Inputs:
    run = make_inputs()
    base = run.synthesis["drum_machine"]
    figures = {**run.synthesis, "vae": {**base, **entry()}, "sing": {**base, **entry()}}
    figures["trained"]["vae"] = {"parameters": 3878579, "steps": 700, "architecture": "istft", "width": 192}
    pcm = latent().reconstructions[:, 0]
    rows: list[dict[str, str | None]] = [{"requested": "kick", "nearest": None}, {"requested": "tom", "nearest": None}]
    sounds = {**run.sounds, "reference": (pcm, rows), "vae": (pcm[::-1], rows)}
    return replace(run, synthesis=figures, sounds=sounds, latent={"sing": latent(), "vae": latent()})


@pytest.fixture
def page(inputs: Inputs) -> str:
    match = re.search(r'<section id="latent".*?</section>', render(inputs), re.DOTALL)
    assert match
    return match.group()


def test_the_one_in_full_comes_first_and_the_others_have_reconstructions(inputs: Inputs) -> None:
    first, second = section.context(inputs)
    assert (first["key"], second["key"]) == ("vae", "sing")
    assert [row["title"] for row in first["sampled"]] == ["kick", "tom"]
    assert len(first["interpolation"]) == 1 and len(first["interpolation"][0]["clips"]) == 2
    assert not second["interpolation"] and not second["sampled"] and len(second["reconstructions"]) == 2


def test_figures_stand_with_their_n_and_intervals(page: str) -> None:
    text = re.sub(r"<[^>]+>|\s+", " ", page)
    for part in ("41 of 64", "55.2", "1.23", "5.7", "n 28 of 30", "0.0456 (0.0400 to 0.0500)", "3.88 M", "700"):
        assert re.sub(r"\s+", " ", part) in re.sub(r"\s+", " ", text), part


def test_the_model_is_listed_layer_by_layer(page: str) -> None:
    for layer in LAYERS:
        assert str(layer["kind"]) in page
        assert " × ".join(str(size) for size in layer["shape"]) in page


def test_axes_are_described_and_played(page: str) -> None:
    assert "axis 1: shorter to longer" in page
    assert "decay +0.71 octaves (steadiness +0.93) per σ" in page
    assert "axis 2: nothing measured" in page
    assert "axis 4: shorter to longer" in page and "axis 5" not in page
    # Two pairs of real and new, two of real and reconstructed, two of three steps, four axes of five; two of SING.
    assert page.count("<audio") == 4 + 4 + 2 + 20 + 4


def test_a_run_without_a_vae_says_so(make_inputs: Callable[..., Inputs]) -> None:
    assert "No VAE was evaluated" in render(make_inputs())
