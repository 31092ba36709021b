"""The `classify` section of params.yaml, except for the settings of single models, which their files define."""

from typing import Any, Literal

from pydantic import Field, field_validator

from drumspace.io.settings import Params


class ReverbParams(Params):
    """Settings of random rooms."""

    probability: float = Field(ge=0, le=1)
    """Share of clips that are played in a room."""
    seconds: float = Field(ge=0.1, le=5)
    """Longest time in which a room decays by 60 dB (s); the shortest is 0.1 s."""


class ClippingParams(Params):
    """Settings of random clipping."""

    probability: float = Field(ge=0, le=1)
    """Share of clips whose peaks are cut."""
    drive_db: float = Field(ge=0, le=60)
    """Most that is cut off the peak (dB)."""


class LowPassParams(Params):
    """Settings of random bandwidths."""

    probability: float = Field(ge=0, le=1)
    """Share of clips whose high frequencies are removed."""
    lowest_hz: float = Field(ge=100)
    """Lowest frequency above which they are removed (Hz); the highest is half the sample rate."""


class AugmentParams(Params):
    """Settings of the augmentation; every clip of a batch draws its own values."""

    gain_db: float = Field(ge=0, le=60)
    """Level drawn from ± this (dB)."""
    shift_ms: float = Field(ge=0, le=500)
    """Delay drawn from 0 to this (ms)."""
    speed: float = Field(ge=0, lt=0.5)
    """Playback speed drawn from 1 ± this; it changes pitch and length together."""
    eq_db: float = Field(ge=0, le=40)
    """Gain drawn from ± this (dB) at frequencies an octave and a half apart, with interpolation between them."""
    noise_db: float = Field(le=0, ge=-120)
    """Highest level of white noise relative to the clip's peak (dB); -120 for none."""
    reverb: ReverbParams
    clipping: ClippingParams
    low_pass: LowPassParams
    mask_bands: float = Field(ge=0, lt=1)
    """Largest share of a spectrogram's bands that is masked (SpecAugment)."""
    mask_frames: float = Field(ge=0, lt=1)
    """Largest share of its frames that is masked."""
    mixup: float = Field(ge=0, le=5)
    """α of the Beta distribution from which mixing weights are drawn (Zhang et al. 2018); 0 for none."""


class TrainingParams(Params):
    """Settings of the training of a network."""

    steps: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    learning_rate: float = Field(gt=0)
    """Peak of the schedule."""
    schedule: Literal["one_cycle", "cosine"]
    """one_cycle rises over the first third and falls; cosine rises over the first twentieth."""
    weight_decay: float = Field(ge=0)
    ema_decay: float = Field(ge=0, lt=1)
    """Decay of the moving average of weights that is validated and kept; 0: no averaging."""
    label_smoothing: float = Field(ge=0, lt=1)
    validate_every: int = Field(ge=1)
    """Steps between validations; the step of the lowest balanced cross entropy is kept."""
    checkpoint_every: int = Field(ge=1)
    """Steps between checkpoints, from which an interrupted training continues."""
    augment: AugmentParams


class RejectionParams(Params):
    """Settings of the rejection of sounds of none of the classes, `classify.rejection`."""

    non_drums: int = Field(ge=0)
    """Number of synthesised sounds that are no drum, to train on beside other drums."""
    min_others: int = Field(ge=1)
    """With fewer other drums to train on, models do not learn to reject."""


class ModelSettings(Params):
    """Settings that every model has, classify.models.<name>."""

    splits: int = Field(ge=1)
    """Number of splits to train on; scores are of the first, means and deviations over all."""
    folds: int = Field(ge=0)
    """0: train on the part train; the part validation chooses the step. N ≥ 2: train on both for all steps, and N times
    without an N-th of their kits, whose clips these trainings predict: for calibration, thresholds and choices."""

    @field_validator("folds")
    @classmethod
    def _not_one(cls, folds: int) -> int:
        if folds == 1:
            raise ValueError("one fold leaves nothing to train on: 0 for none, or at least 2")
        return folds


class NetworkSettings(ModelSettings):
    """Settings that every network has."""

    trainable: Literal["all", "head"]
    """head: the trunk is frozen, and its embeddings are computed once."""
    dropout: float = Field(ge=0, lt=1)
    """Dropout before the last layer."""
    training: TrainingParams


class ClassifyParams(Params):
    """The whole section; each model of `models` is validated with its own Settings."""

    run: list[str] = Field(min_length=1)
    """Names of the models to train and compare."""
    seed: int = Field(ge=0)
    rejection: RejectionParams
    training: TrainingParams
    """Anchor of YAML that the settings of networks merge; a stage reads only its own model's settings."""
    models: dict[str, dict[str, Any]]
