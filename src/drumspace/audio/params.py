"""The `audio` and `features` sections of params.yaml."""

from typing import Literal, Self

from pydantic import Field, model_validator

from drumspace.params import Params


class AudioParams(Params):
    """What a clip is: mono, one rate, one length."""

    sample_rate: int = Field(ge=4000, le=192000)
    """Hz."""
    seconds: float = Field(gt=0.05, le=30)
    """Length of a clip; shorter sounds are padded with silence, longer ones cut."""
    onset_db: float = Field(lt=0, ge=-120)
    """The sound begins where it first rises above its peak plus this (dB)."""
    lead_ms: float = Field(ge=0, le=100)
    """Kept before the onset (ms)."""
    fade_ms: float = Field(ge=0, le=1000)
    """Fade-out at the end of a sound that was cut (ms)."""
    silence_dbfs: float = Field(lt=0, ge=-150)
    """A file whose peak stays below this is silent (dB of full scale)."""

    @property
    def num_samples(self) -> int:
        """Samples a clip."""
        return round(self.sample_rate * self.seconds)


class SpecParams(Params):
    """Log-magnitude spectrogram in dB."""

    n_fft: int = Field(ge=64, le=16384)
    hop_length: int = Field(ge=16, le=8192)
    floor_db: float = Field(lt=0, ge=-200)
    """Everything more than this below the clip's maximum is raised to it (dB)."""

    @model_validator(mode="after")
    def _hop_within_window(self) -> Self:
        if self.hop_length > self.n_fft:
            raise ValueError("hop_length must not exceed n_fft")
        return self


class MelParams(SpecParams):
    """Log-mel spectrogram in dB."""

    n_mels: int = Field(ge=8, le=512)
    fmin: float = Field(ge=0)
    fmax: float | None = Field(gt=0)
    """Hz; null for half the sample rate."""


class MfccParams(MelParams):
    """Mel-frequency cepstral coefficients."""

    n_mfcc: int = Field(ge=2, le=256)


class FeatureParams(Params):
    """All three features; each stage reads its own."""

    spec: SpecParams
    mel: MelParams
    mfcc: MfccParams


FeatureName = Literal["spec", "mel", "mfcc"]
