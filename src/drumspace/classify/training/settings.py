"""The `classify` section of params.yaml, apart from each model's own settings, which stand in its file."""

from typing import Any, Literal

from pydantic import Field

from drumspace.io.settings import Params


class AugmentParams(Params):
    """Changes to training clips that leave their class as it is; each is drawn anew for each clip."""

    gain_db: float = Field(ge=0, le=60)
    """Level drawn from ± this (dB)."""
    shift_ms: float = Field(ge=0, le=500)
    """Delay drawn from 0 to this (ms)."""
    speed: float = Field(ge=0, lt=0.5)
    """Playback speed drawn from 1 ± this: pitch and length change together, as on a sampler."""
    eq_db: float = Field(ge=0, le=40)
    """Gain drawn from ± this (dB) at a few frequencies an octave and a half apart, a smooth curve between."""
    noise_db: float = Field(le=0, ge=-120)
    """White noise up to this under the clip's peak (dB); -120 for none."""
    mask_bands: float = Field(ge=0, lt=1)
    """Share of a spectrogram's bands that the widest hidden stripe takes (SpecAugment)."""
    mask_frames: float = Field(ge=0, lt=1)
    """Share of its frames."""
    mixup: float = Field(ge=0, le=5)
    """α of the Beta distribution from which mixing weights are drawn (Zhang et al. 2018); 0 for none."""


class TrainingParams(Params):
    """How every network is trained."""

    steps: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    learning_rate: float = Field(gt=0)
    """Its peak."""
    schedule: Literal["one_cycle", "cosine"]
    """one_cycle rises over the first third and falls; cosine rises over the first twentieth."""
    weight_decay: float = Field(ge=0)
    ema_decay: float = Field(ge=0, lt=1)
    """Decay of the average of weights that is validated and kept; 0 keeps the weights themselves."""
    label_smoothing: float = Field(ge=0, lt=1)
    validate_every: int = Field(ge=1)
    """Steps between validations; the step of the lowest balanced cross entropy is kept."""
    checkpoint_every: int = Field(ge=1)
    """Steps between checkpoints, from which a killed training goes on."""
    augment: AugmentParams


class ModelSettings(Params):
    """What the settings of every model hold, classify.models.<name>."""

    splits: int = Field(ge=1)
    """Trained on so many of the independent splits; figures are of the first, their spread over all."""


class NetworkSettings(ModelSettings):
    """What the settings of every network hold."""

    trainable: Literal["all", "head"]
    """head: the trunk stays as it was loaded, and its embeddings are computed once."""
    dropout: float = Field(ge=0, lt=1)
    """Before the last layer."""
    training: TrainingParams


class ClassifyParams(Params):
    """The whole section. `models` is checked against each model's own Settings."""

    run: list[str] = Field(min_length=1)
    """Names of the models to train and compare."""
    seed: int = Field(ge=0)
    training: TrainingParams
    """What networks share: a YAML anchor that each network's settings refer to, so that a stage depends on its own."""
    models: dict[str, dict[str, Any]]
