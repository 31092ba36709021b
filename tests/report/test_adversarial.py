"""The section on VAE-GANs compares each with the VAE that it was started from, in metrics and in sounds."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from drumspace.report.inputs import Inputs, Latent
from drumspace.report.page import render
from drumspace.report.sections import adversarial as section

LENGTH = 44100
HISTORY = [
    {"step": 60, "samples_coverage": 0.4, "samples_diversity": 0.9, "collapsed": 0.0},
    {"step": 120, "samples_coverage": 0.5, "samples_diversity": 0.95, "collapsed": 0.0},
]
TRAINED: dict[str, Any] = {
    "architecture": "istft", "width": 128, "steps": 120, "batch_size": 16, "trained_on": 700, "parameters": 2_000_000,
    "starts_from": "vae", "strategy": "two_stage", "discriminators": ["multi_period", "multi_resolution_stft"],
    "discriminator_parameters": 345_678, "collapsed_at": None, "history": HISTORY,
}  # fmt: skip


def entry(base: dict[str, Any], distance: float, other: float) -> dict[str, Any]:
    errors = {"n": 64, "with_pitch": 30, "pitch_semitones_n": 28, **dict.fromkeys(ERRORS, 1.0)}
    return {
        **base, "kernel_distance": distance, "mrstft": 1.25, "log_spectral_distance": 7.5, "hop_periodicity": 0.011,
        "judges": {"second": {"kernel_distance": other, "coverage": 0.66}},
        "active_units": 41, "latent_dim": 64, "kl_nats": 55.25, "priors": {}, "directions": [],
        "interpolation": {"linear": {"path_ratio": 1.5, "between": 0.8, "n": 12}},
        "reconstruction": {"all": errors, "hop_periodicity": 0.03},
    }  # fmt: skip


ERRORS = ("mrstft", "log_spectral_distance", "mel_distance", "onset_ms", "envelope_db", "pitch_semitones")


def latent() -> Latent:
    pcm = np.random.default_rng(0).integers(-2000, 2000, (9, LENGTH)).astype(np.int16)
    rows: dict[str, list[dict[str, Any]]] = {
        "reconstructions": [{"class": "kick"}, {"class": "tom"}],
        "interpolation": [{"path": "linear", "from": "kick", "to": "hat"}],
        "directions": [],
        "model_summary": [],
    }
    return Latent(pcm[:4].reshape(2, 2, -1), pcm[None, :3], pcm[:0, None], rows)


@pytest.fixture
def inputs(make_inputs: Callable[..., Inputs]) -> Inputs:
    run = make_inputs()
    base = run.synthesis["drum_machine"]
    figures = {**run.synthesis, "vae": entry(base, 0.02, 0.04), "vaegan": entry(base, 0.013, 0.03)}
    figures["trained"] = {**figures["trained"], "vae": {"parameters": 2_000_000, "steps": 420}, "vaegan": TRAINED}
    pcm = latent().reconstructions[:, 0]
    rows: list[dict[str, str | None]] = [{"requested": "kick", "nearest": None}, {"requested": "tom", "nearest": None}]
    sounds = {**run.sounds, "reference": (pcm, rows), "vae": (pcm, rows), "vaegan": (pcm[::-1], rows)}
    return replace(run, synthesis=figures, sounds=sounds, latent={"vae": latent(), "vaegan": latent()})


def page_of(inputs: Inputs) -> str:
    match = re.search(r'<section id="adversarial".*?</section>', render(inputs), re.DOTALL)
    assert match
    return match.group()


def test_figures_stand_beside_those_of_the_vae_with_their_ratio(inputs: Inputs) -> None:
    (gan,) = section.context(inputs)["vaegans"]
    by = {row["title"]: row for row in gan["comparison"]}
    first = next(row for title, row in by.items() if title.startswith("Kernel distance"))
    assert (first["before"], first["after"]) == (0.02, 0.013) and first["ratio"] == pytest.approx(0.65)
    assert by["Kernel distance, second"]["ratio"] == pytest.approx(0.75)
    text = re.sub(r"<[^>]+>|\s+", " ", page_of(inputs))
    for part in (
        "0.0200",
        "0.0130",
        "0.65",
        "0.75",
        "two_stage",
        "batch size 16, discriminators alone in the first 60 steps; the weights are those of step 120.",
        "346 k",
        "No mode collapse was found in any of 2 checks",
    ):
        assert part in text, part


def page_with(inputs: Inputs, **changes: Any) -> str:
    figures = {**inputs.synthesis, "trained": {**inputs.synthesis["trained"], "vaegan": {**TRAINED, **changes}}}
    return page_of(replace(inputs, synthesis=figures))


def test_collapse_is_named_with_its_step(inputs: Inputs) -> None:
    fallen = [HISTORY[0], {**HISTORY[1], "collapsed": 1.0}]
    text = page_with(inputs, collapsed_at=120, history=fallen)
    assert "Mode collapse from step 120 to the end; the kept step 120 is after its start" in text
    assert "the kept step 60 is before its start" in page_with(inputs, collapsed_at=120, history=fallen, steps=60)
    recovered = [{**HISTORY[0], "collapsed": 1.0}, HISTORY[1]]
    assert "Mode collapse at step 60, and none at the end" in page_with(inputs, history=recovered)
    never = [{**check, "collapsed": 1.0} for check in HISTORY]
    assert "never diverse" in page_with(inputs, collapsed_at=60, history=never)
    assert "was not monitored" in page_with(inputs, history=[])


def test_both_are_played_side_by_side(inputs: Inputs) -> None:
    page = page_of(inputs)
    # Two classes: a real sound and a new one of each model; the real one's reconstructions; a path of two steps each.
    assert page.count("<audio") == 2 * 3 + 2 * 3 + 2 * 2
    # The section on latent spaces has its metrics, and no sounds.
    latents = re.search(r'<section id="latent".*?</section>', render(inputs), re.DOTALL)
    assert latents and "reconstructed by vaegan" not in latents.group() and "VAE-GAN" in latents.group()


def test_a_run_without_one_says_so(make_inputs: Callable[..., Inputs]) -> None:
    assert "No VAE-GAN was evaluated" in page_of(make_inputs())
