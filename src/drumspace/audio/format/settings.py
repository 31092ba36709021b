"""The `audio` section of params.yaml."""

from pydantic import Field

from drumspace.io.settings import Params


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
