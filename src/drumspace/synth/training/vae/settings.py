"""The `vae` section of params.yaml, and the settings of each VAE in it."""

from typing import Any, Literal

from pydantic import Field

from drumspace.io.settings import Params
from drumspace.synth.losses.kl import KlSettings
from drumspace.synth.losses.reconstruction import Terms
from drumspace.synth.training.vae.augment import Augment


class VaeTraining(Params):
    """Settings of a VAE that do not depend on its architecture, and of its training."""

    seed: int = Field(ge=0)
    latent_kind: Literal["global", "frames"]
    """One latent vector a sound, or one a frame."""
    latent: int = Field(ge=1)
    """Dimensions of a latent vector."""
    condition: Literal["propagated", "labels", "none"]
    """Class labels that condition the decoder: known and propagated ones, known ones, or none."""
    noisy_label_sources: list[str]
    """Sources whose labels are ignored because many are wrong."""
    class_width: int = Field(ge=1)
    """Dimensions of the class embedding."""
    label_dropout: float = Field(ge=0, le=1)
    """Share of labelled sounds trained on without their label, so that the decoder works without a class too."""
    terms: Terms
    kl: KlSettings
    augment: Augment
    segment: float | None = Field(gt=0)
    """Seconds of each sound that a step decodes and compares, half the time its start: cheaper steps, more of them.
    None: whole sounds."""
    compiled: bool
    """Whether to use torch.compile: pays off in long trainings on a GPU."""
    steps: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    learning_rate: float = Field(gt=0)
    """Peak learning rate."""
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
