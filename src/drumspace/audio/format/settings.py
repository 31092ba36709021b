"""Settings of the `audio` section of params.yaml."""

from pydantic import Field

from drumspace.io.settings import Params


class AudioParams(Params):
    """Format of a clip: mono, one sample rate, one length."""

    sample_rate: int = Field(ge=4000, le=192000)
    """Hz."""
    seconds: float = Field(gt=0.05, le=30)
    """Length of a clip; shorter sounds are padded with zeros, longer ones are cut."""
    onset_db: float = Field(lt=0, ge=-120)
    """A sound starts at the first sample that reaches its peak plus this level (dB)."""
    lead_ms: float = Field(ge=0, le=100)
    """Kept before the onset (ms)."""
    fade_ms: float = Field(ge=0, le=1000)
    """Fade-out at the end of a sound that was cut (ms)."""
    silence_dbfs: float = Field(lt=0, ge=-150)
    """A file whose peak is below this level is silent (dB of full scale)."""

    @property
    def num_samples(self) -> int:
        """Samples per clip."""
        return round(self.sample_rate * self.seconds)
