"""The `vae` section of params.yaml, and the settings of each VAE in it."""

from typing import Any, Literal

from pydantic import Field

from drumspace.io.settings import Params
from drumspace.synth.losses.kl import KlSettings
from drumspace.synth.losses.reconstruction import Terms


class Augment(Params):
    """Changes to training sounds, each its own."""

    flip: bool
    """Half of them upside down, which no one hears."""
    speed: float = Field(ge=0, lt=0.5)
    """Playback at 1 ± this."""
    gain_db: float = Field(ge=0, le=24)
    """Level at most so much lower."""


class VaeTraining(Params):
    """Settings of a VAE that do not depend on its architecture, and of its training."""

    seed: int = Field(ge=0)
    latent_kind: Literal["global", "frames"]
    """One vector a sound, or one a frame."""
    latent: int = Field(ge=1)
    """Numbers in a vector."""
    condition: Literal["propagated", "labels", "none"]
    """Where the class beside the latent comes from: known and propagated labels, known ones alone, or nowhere."""
    noisy_label_sources: list[str]
    """Sources whose labels are noise: their sounds are learned from as if they had none."""
    class_width: int = Field(ge=1)
    """Numbers that a class is told by."""
    label_dropout: float = Field(ge=0, le=1)
    """Of sounds with a class that are trained on as if they had none, so that none can be asked for too."""
    terms: Terms
    kl: KlSettings
    augment: Augment
    segment: float | None = Field(gt=0)
    """Seconds of each sound that a step decodes and compares, half the time the first ones: cheaper steps, more of
    them. None: whole sounds."""
    compiled: bool
    """Whether torch.compile makes the networks faster first: worth its minute in long trainings on a GPU."""
    steps: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    learning_rate: float = Field(gt=0)
    """Its peak."""
    ema_decay: float = Field(ge=0, lt=1)
    """Decay of the average of weights that is kept."""
    validate_every: int = Field(ge=1)
    checkpoint_every: int = Field(ge=1)


class VaeSettings(VaeTraining):
    """Settings of a VAE and of its training."""

    architecture: str
    """Value of vae.run: the name of a file of synth/models/architectures."""
    network: dict[str, Any]
    """Settings of the architecture."""


class VaeParams(Params):
    """VAEs by name."""

    run: dict[str, str] = Field(min_length=1)
    """VAEs that are trained: name → architecture (a file of synth/models/architectures)."""
    training: VaeTraining
    """Shared settings: an anchor of params.yaml to which `models` refer."""
    models: dict[str, dict[str, Any]]
