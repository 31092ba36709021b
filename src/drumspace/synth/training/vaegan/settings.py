"""The `vaegan` section of params.yaml, and the settings of each VAE-GAN in it."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from drumspace.io.settings import Params
from drumspace.synth.losses.adversarial import Objective
from drumspace.synth.losses.kl import KlSettings
from drumspace.synth.losses.reconstruction import Terms
from drumspace.synth.training.vae.settings import Augment


class VaeGanParams(Params):
    """The `vaegan` section of params.yaml but for the settings of each VAE-GAN, which config.sections adds."""

    run: list[str]
    """VAE-GANs that are trained; their names differ from those of VAEs."""
    starts_from: str
    """VAE of vae.run that gives the architecture and, with a warm start, the weights."""


class Weights(Params):
    """Of the terms of what the generator lessens; 0 leaves a term out."""

    adversarial: float = Field(ge=0)
    """Of the objective, a mean over the discriminators' stacks."""
    feature_matching: float = Field(ge=0)
    """Of the distance in the discriminators' features; `larsen`: the published γ, of the decoder."""
    spectral: float = Field(ge=0)
    """Of the distance that VAEs are trained by (`terms`)."""


class VaeGanSettings(Params):
    """A VAE-GAN and its training."""

    seed: int = Field(ge=0)
    strategy: Literal["two_stage", "alternating", "larsen"]
    """A file of synth/strategies."""
    latents: Literal["prior", "posterior", "normal"]
    """Of the sounds that discriminators are shown: from the VAE's fitted prior, from real sounds, from N(0, I)."""
    warm_start: bool
    """Whether the VAE's weights are gone on with; else its architecture alone, from random weights."""
    discriminators: dict[str, dict[str, Any]] = Field(min_length=1)
    """By name, a file of synth/discriminators each, with their settings."""
    class_head: bool
    """Whether discriminators are told the class."""
    objective: Objective
    gradient_penalty: float = Field(ge=0)
    """λ of WGAN-GP's, on all discriminators; 0 for none."""
    weights: Weights
    terms: Terms
    kl: KlSettings
    """Of strategies in which the encoder learns too."""
    label_dropout: float = Field(ge=0, le=1)
    augment: Augment
    segment: float | None = Field(gt=0)
    """Seconds of each sound that are made and judged, half the time the first ones. None: whole sounds."""
    steps: int = Field(ge=1)
    """Updates of the discriminators and, after the warm-up, of the generator."""
    warm_up: float = Field(ge=0, lt=1)
    """Share of the steps in which discriminators learn alone: untrained ones tell a generator nothing."""
    batch_size: int = Field(ge=2)
    optimizer: Literal["adam", "rmsprop"]
    betas: tuple[float, float]
    """Adam's."""
    generator_rate: float = Field(gt=0)
    discriminator_rate: float = Field(gt=0)
    """Of the discriminators; another than the generator's is the two-time-scale rule (Heusel et al. 2017)."""
    schedule: Literal["constant", "cosine"]
    gradient_clip: float | None = Field(gt=0)
    discriminator_every: int = Field(ge=1)
    """Discriminators move in each so many-th step."""
    ema_decay: float = Field(ge=0, lt=1)
    """Decay of the average of the generator's weights that is kept."""
    zero_steps: int = Field(ge=1)
    """Updates of the discriminators with a loss of zero, one after another, after which training stops."""
    validate_every: int = Field(ge=1)
    checkpoint_every: int = Field(ge=1)

    @model_validator(mode="after")
    def _has_its_first_stage(self) -> Self:
        if self.strategy == "two_stage" and not self.warm_start:
            raise ValueError("two_stage goes on from a trained VAE: warm_start must be true, or take another strategy")
        if self.latents == "prior" and self.strategy != "two_stage":
            raise ValueError(f"{self.strategy} moves the encoder, whose prior would be left behind: latents: normal")
        if self.strategy == "larsen" and not self.weights.feature_matching:
            raise ValueError(
                "larsen measures reconstructions in the discriminators' features: weights.feature_matching"
            )
        if self.strategy == "alternating" and self.discriminator_every != 2:
            raise ValueError("alternating plays in every second step: discriminator_every must be 2")
        return self
