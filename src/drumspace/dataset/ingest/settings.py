"""Settings `ingest` of params.yaml."""

from pydantic import Field

from drumspace.audio.decode.settings import DecodeParams
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.io.settings import Params


class IngestParams(Params):
    """Settings of ingest: which files become clips."""

    min_seconds: float = Field(ge=0, le=1)
    """Shorter sounds (s) are clicks and rejected."""
    max_seconds: float = Field(gt=0.1, le=3600)
    """Longer files (s) are no one-shots: rejected by their header, without decoding."""
    level_dbfs: float = Field(le=0, ge=-40)
    """Peak level of all stored clips (dBFS); peak_dbfs in the catalogue holds the original one."""
    clips_per_shard: int = Field(ge=1, le=1_000_000)
    dask_address: str | None
    """Address of a Dask scheduler whose workers see the files under the same paths; null: local processes."""
    decode: DecodeParams
    duplicates: DuplicateParams
