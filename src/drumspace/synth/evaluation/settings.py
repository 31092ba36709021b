"""Settings of the `judge` and `synthesis` sections of params.yaml."""

from typing import Any, Literal

from pydantic import Field, field_validator

from drumspace.io.settings import Params

BASELINES = ("drum_machine", "wavegan")
"""Generators that are not VAEs."""


class JudgeParams(Params):
    """Classifiers that evaluate generated sounds; no generator is trained against them."""

    run: list[str] = Field(min_length=1)
    """Names of the judges, keys of `models`. The first one's metrics are the main ones of each entry."""
    seed: int = Field(ge=0)
    folds: int = Field(ge=2, le=20)
    """One in this many of a judge's training kits is held out to choose its step and temperature."""
    models: dict[str, dict[str, Any]]
    """Settings of each judge, in the form of classify.models.<name>."""


class SynthesisParams(Params):
    """Evaluation of generators and inversions."""

    seed: int = Field(ge=0)
    generators: list[str]
    """Generators to evaluate: names of BASELINES and of priors.vaes."""
    inversions: list[Literal["griffin_lim", "mcnn"]]
    """Methods that reconstruct the phase from true magnitudes."""
    griffin_lim_iterations: int = Field(ge=1)
    sounds: int = Field(ge=8)
    """Sounds per generator, with the class proportions of the reference."""
    reference_per_class: int = Field(ge=1)
    """Real clips per class in the reference, at most."""
    reconstructions: int = Field(ge=1)
    """Reference clips that are reconstructed by VAEs and inverted, at most."""
    interpolations: int = Field(ge=1)
    """Pairs of reference clips between which each VAE interpolates."""
    axes: int = Field(ge=1)
    """Principal axes of each VAE's latents that are described, at most."""
    resamples: int = Field(ge=20)
    """Bootstrap resamples of each interval."""
    neighbours: int = Field(ge=1)
    """k of precision, recall, density and coverage."""
    components: int = Field(ge=1)
    """Dimensions of the Fréchet distance, at most."""
    hop_length: int = Field(ge=2)
    """Lag of hop_periodicity where a generator has no hop length of its own (samples)."""
    noise_db: dict[str, float] = Field(min_length=1)
    """Sets of real clips with white noise: name in synthesis.json → peak of the noise relative to the clip's (dB)."""
    report_samples: int = Field(ge=1, le=8)
    """Sounds per class of each generator in the report: the first ones generated, no selection."""

    @field_validator("noise_db")
    @classmethod
    def _has_noisy_real(cls, value: dict[str, float]) -> dict[str, float]:
        if "noisy_real" not in value:
            raise ValueError("one of the levels must be called noisy_real")
        return value
