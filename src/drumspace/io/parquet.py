"""Parquet tables, written atomically."""

from pathlib import Path

import pandas as pd

from drumspace.io.atomic import atomic_path


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a table atomically; the same rows give the same bytes."""
    with atomic_path(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")
