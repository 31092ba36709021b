"""Settings of the `features` section of params.yaml."""

from typing import Self

from pydantic import Field, model_validator

from drumspace.io.settings import Params


class SpecParams(Params):
    """Settings of the log-magnitude spectrogram (dB)."""

    n_fft: int = Field(ge=64, le=16384)
    hop_length: int = Field(ge=16, le=8192)
    floor_db: float = Field(lt=0, ge=-200)
    """Lowest level, relative to the clip's maximum (dB); everything below is raised to it."""

    @model_validator(mode="after")
    def _hop_within_window(self) -> Self:
        if self.hop_length > self.n_fft:
            raise ValueError("hop_length must not exceed n_fft")
        return self


class MelParams(SpecParams):
    """Settings of the log-mel spectrogram (dB)."""

    n_mels: int = Field(ge=8, le=512)
    fmin: float = Field(ge=0)
    fmax: float | None = Field(gt=0)
    """Hz; null for half the sample rate."""


class MfccParams(MelParams):
    """Settings of the mel-frequency cepstral coefficients."""

    n_mfcc: int = Field(ge=2, le=256)


class FeatureParams(Params):
    """Settings of the three features; each stage reads its own part."""

    spec: SpecParams
    mel: MelParams
    mfcc: MfccParams
