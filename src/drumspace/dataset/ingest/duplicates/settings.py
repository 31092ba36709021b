"""The `ingest.duplicates` section of params.yaml."""

from pydantic import Field

from drumspace.io.settings import Params


class DuplicateParams(Params):
    """When two clips are the same recording."""

    similarity: float = Field(gt=0, le=1)
    """Cosine of two fingerprints from which a pair is looked at more closely."""
    neighbours: int = Field(ge=1, le=1000)
    """At most so many pairs are looked at for each clip, the most similar first."""
    correlation: float = Field(gt=0, le=1)
    """Least correlation of two waveforms, at their best shift, that makes them one recording."""
    bright_correlation: float = Field(gt=0, le=1)
    """The same with high frequencies emphasised: low drums all look like one sine without."""
    max_shift_ms: float = Field(ge=0, le=50)
    """Shifts tried, each way (ms)."""
