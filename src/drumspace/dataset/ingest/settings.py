"""The `ingest` section of params.yaml."""

from pydantic import Field

from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.io.settings import Params


class IngestParams(Params):
    """From files to shards of clips."""

    min_seconds: float = Field(ge=0, le=1)
    """A shorter sound is a click, no drum: quarantined."""
    max_seconds: float = Field(gt=0.1, le=3600)
    """A longer file is no one-shot: quarantined by its header, undecoded."""
    level_dbfs: float = Field(le=0, ge=-40)
    """Peak that every clip is brought to (dBFS); the catalogue's peak_dbfs keeps the one it had."""
    clips_per_shard: int = Field(ge=1, le=1_000_000)
    dask_address: str | None
    """Scheduler of a cluster whose workers see the files under the same paths; null: processes here."""
    duplicates: DuplicateParams
