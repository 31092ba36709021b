"""The `judge` and `synthesis` sections of params.yaml."""

from typing import Any, Literal

from pydantic import Field, field_validator

from drumspace.io.settings import Params

BASELINES = ("drum_machine", "wavegan")
"""Generators without a latent space of sounds."""


class JudgeParams(Params):
    """Networks that judge sounds; no generator trains against them."""

    run: list[str] = Field(min_length=1)
    """Their names, each with its settings under `models`: the first gives the figures, the others stand beside it."""
    seed: int = Field(ge=0)
    folds: int = Field(ge=2, le=20)
    """Of the kits a judge learns from, one in so many is held out to choose its step and temperature."""
    models: dict[str, dict[str, Any]]
    """Settings of each, in the form of classify.models.<name>."""


class SynthesisParams(Params):
    """How generators are evaluated."""

    seed: int = Field(ge=0)
    generators: list[str]
    """Which to evaluate: of BASELINES and of priors.of."""
    inversions: list[Literal["griffin_lim", "mcnn"]]
    """Which ways from true magnitudes back to a wave."""
    griffin_lim: int = Field(ge=1)
    """Iterations."""
    sounds: int = Field(ge=8)
    """Made by each generator, classes in the reference's proportions."""
    reference_per_class: int = Field(ge=1)
    """Real clips of the reference, at most."""
    reconstructed: int = Field(ge=1)
    """Clips of the reference that are reconstructed."""
    walks: int = Field(ge=1)
    """Pairs of the reference's sounds between which each VAE is walked."""
    axes: int = Field(ge=1)
    """Principal axes of each VAE's latents that are described."""
    resamples: int = Field(ge=20)
    """Bootstrap resamples behind each interval."""
    neighbours: int = Field(ge=1)
    """k of precision, recall, density and coverage."""
    components: int = Field(ge=1)
    """Dimensions of the Fréchet distance, at most."""
    hop_length: int = Field(ge=2)
    """Samples at which sounds are searched for a buzz, where a generator has no hop of its own."""
    noise_db: dict[str, float] = Field(min_length=1)
    """Real clips with white noise, by the name they have in synthesis.json: its level under a clip's peak (dB)."""
    shown: int = Field(ge=1, le=8)
    """Sounds of each class in the report, of each generator: the first ones made, not the best."""

    @field_validator("noise_db")
    @classmethod
    def _has_the_one_compared(cls, value: dict[str, float]) -> dict[str, float]:
        if "noisy_real" not in value:
            raise ValueError("one of the levels must be called noisy_real")
        return value
