"""The `vaegan` section of params.yaml, and the settings of each VAE-GAN in it."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from drumspace.io.settings import Params
from drumspace.synth.losses.adversarial import Objective
from drumspace.synth.losses.kl import KlSettings
from drumspace.synth.losses.reconstruction import Terms
from drumspace.synth.training.vae.augment import Augment


class VaeGanParams(Params):
    """The `vaegan` section of params.yaml but for the settings of each VAE-GAN, which config.sections adds."""

    run: list[str]
    """VAE-GANs that are trained; their names differ from those of VAEs."""
    starts_from: str
    """VAE of vae.run that gives the architecture, the labels and, with a warm start, the weights."""


class Weights(Params):
    """Weights of the generator's loss terms; 0 leaves a term out."""

    adversarial: float = Field(ge=0)
    """Weight of the objective, a mean over the stacks of all discriminators."""
    feature_matching: float = Field(ge=0)
    """Weight of the distance of the discriminators' feature maps; in `larsen` the published γ."""
    spectral: float = Field(ge=0)
    """Weight of the reconstruction loss (`terms`)."""


class VaeGanSettings(Params):
    """A VAE-GAN and its training."""

    seed: int = Field(ge=0)
    strategy: Literal["two_stage", "alternating", "larsen"]
    """A file of synth/training/vaegan/strategies."""
    latents: Literal["prior", "posterior", "normal"]
    """Latents of generated sounds: from the VAE's fitted prior, from posteriors of real sounds, from N(0, I)."""
    warm_start: bool
    """Whether to start from the VAE's weights; else from random weights."""
    discriminators: dict[str, dict[str, Any]] = Field(min_length=1)
    """Settings by name; each name is a file of synth/discriminators."""
    class_head: bool
    """Whether discriminators are conditioned on the class."""
    objective: Objective
    gradient_penalty: float = Field(ge=0)
    """λ of WGAN-GP, for all discriminators; 0: none."""
    weights: Weights
    terms: Terms
    kl: KlSettings
    """For strategies that train the encoder too."""
    label_dropout: float = Field(ge=0, le=1)
    """Share of labelled sounds used without their label."""
    augment: Augment
    segment: float | None = Field(gt=0)
    """Seconds of each sound that discriminators see, half the time from its start. None: whole sounds."""
    steps: int = Field(ge=1)
    """Updates of the discriminators and, after the warm-up, of the generator."""
    warm_up: float = Field(ge=0, lt=1)
    """Share of the steps in which only discriminators are trained: untrained ones give no useful gradient."""
    batch_size: int = Field(ge=2)
    optimizer: Literal["adam", "rmsprop"]
    betas: tuple[float, float]
    """Betas of Adam."""
    generator_rate: float = Field(gt=0)
    discriminator_rate: float = Field(gt=0)
    """Differs from generator_rate in the two-time-scale update rule (Heusel et al. 2017)."""
    schedule: Literal["constant", "cosine"]
    gradient_clip: float | None = Field(gt=0)
    discriminator_every: int = Field(ge=1)
    """Discriminators are updated in every n-th step."""
    ema_decay: float = Field(ge=0, lt=1)
    """Decay of the average of the generator's weights that is kept."""
    zero_steps: int = Field(ge=1)
    """Consecutive discriminator updates with zero loss after which training stops."""
    validate_every: int = Field(ge=1)
    checkpoint_every: int = Field(ge=1)

    @model_validator(mode="after")
    def _fits_the_strategy(self) -> Self:
        if self.strategy == "two_stage" and not self.warm_start:
            raise ValueError("two_stage starts from a trained VAE: set warm_start to true, or use another strategy")
        if self.latents == "prior" and self.strategy != "two_stage":
            raise ValueError(
                f"{self.strategy} trains the encoder, to which a fitted prior no longer fits: set latents to normal"
            )
        if self.strategy == "larsen" and not self.weights.feature_matching:
            raise ValueError(
                "larsen measures reconstructions in feature maps: weights.feature_matching must be above 0"
            )
        if self.strategy == "alternating" and self.discriminator_every != 2:
            raise ValueError("alternating updates discriminators in every second step: discriminator_every must be 2")
        return self
