"""The `ingest.duplicates` section of params.yaml."""

from pydantic import Field

from drumspace.io.settings import Params


class DuplicateParams(Params):
    """Criteria by which two clips are one recording."""

    similarity: float = Field(gt=0, le=1)
    """Least cosine of two fingerprints whose waveforms are compared."""
    neighbours: int = Field(ge=1, le=1000)
    """Pairs per clip that are compared, at most; the most similar first."""
    correlation: float = Field(gt=0, le=1)
    """Least correlation of two waveforms, at their best shift, that makes them one recording."""
    bright_correlation: float = Field(gt=0, le=1)
    """The same after a high-frequency emphasis: without it, all low drums resemble one sine."""
    max_shift_ms: float = Field(ge=0, le=50)
    """Largest shift of two waveforms, in both directions (ms)."""
