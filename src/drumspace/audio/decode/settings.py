"""Settings `ingest.decode` of params.yaml."""

from pydantic import Field

from drumspace.io.settings import Params


class DecodeParams(Params):
    """Limits of a decoder process. A file that exceeds one is rejected; the others go on."""

    seconds_per_file: float = Field(gt=0, le=86400)
    """Time for a file of any size (s)."""
    seconds_per_megabyte: float = Field(ge=0, le=3600)
    """Time in addition for each megabyte (1,000,000 bytes) of a file (s)."""
    memory_megabytes: int = Field(ge=64, le=1_000_000)
    """Memory that decoding a file may take, beyond that of the idle process (MB)."""

    def seconds(self, size: int) -> float:
        """Time limit (s) of a file of `size` bytes."""
        return self.seconds_per_file + self.seconds_per_megabyte * size / 1e6


STANDARD = DecodeParams(seconds_per_file=10, seconds_per_megabyte=1, memory_megabytes=1024)
"""Limits of the commands, which work without a params.yaml: the values of the pipeline."""
