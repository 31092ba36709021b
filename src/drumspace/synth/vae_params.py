"""Settings of a VAE: one entry of params.yaml."""

from typing import Any, Literal

from pydantic import Field

from drumspace.params import Params
from drumspace.synth.vae_loss import Divergence, Terms


class Augment(Params):
    """Changes to training sounds, each its own."""

    flip: bool
    """Half of them upside down, which no one hears."""
    speed: float = Field(ge=0, lt=0.5)
    """Playback at 1 ± this."""
    gain_db: float = Field(ge=0, le=24)
    """Level at most so much lower."""


class VaeSettings(Params):
    """A VAE and its training."""

    seed: int = Field(ge=0)
    architecture: str
    """A file of synth/architectures."""
    network: dict[str, Any]
    """Its settings."""
    latent_kind: Literal["global", "frames"]
    """One vector a sound, or one a frame."""
    latent: int = Field(ge=1)
    """Numbers in a vector."""
    condition: Literal["propagated", "labels", "none"]
    """Where the class beside the latent comes from: known and propagated labels, known ones alone, or nowhere."""
    class_width: int = Field(ge=1)
    """Numbers that a class is told by."""
    null_share: float = Field(ge=0, le=1)
    """Of sounds with a class that are trained on as if they had none, so that none can be asked for too."""
    terms: Terms
    divergence: Divergence
    augment: Augment
    steps: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    learning_rate: float = Field(gt=0)
    """Its peak."""
    ema_decay: float = Field(ge=0, lt=1)
    """Decay of the average of weights that is kept."""
    validate_every: int = Field(ge=1)
    checkpoint_every: int = Field(ge=1)
