"""What stages leave on disk: atomic writes, hashes, shards of clips, parquet and JSON."""

import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

CLASSES = ("kick", "snare", "hat", "crash", "ride", "clap", "shaker", "tom")
"""The eight classes, in the order used everywhere."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, renamed to it when the block ends well and removed when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        if temporary.is_file():
            with temporary.open("rb") as handle:
                os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path` that replaces it when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    temporary.chmod(0o755)
    former = temporary.with_suffix(".former.part")
    try:
        yield temporary
        if path.is_dir():
            path.replace(former)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def jsonable(value: Any) -> Any:
    """`value` as plain JSON types; NaN and infinities become null, floats are rounded to 6 places."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, np.ndarray):
        return jsonable(value.tolist())
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return value


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically: two-space indent, keys in the order given, a newline at the end."""
    write_text(path, json.dumps(jsonable(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """The JSON file at `path`."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a table atomically; the same rows give the same bytes."""
    with atomic_path(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def clip_id(pcm: np.ndarray) -> str:
    """SHA-256 of a clip's PCM (int16, little endian), in hexadecimal: equal sounds share their id."""
    return hashlib.sha256(np.ascontiguousarray(pcm, dtype="<i2").tobytes()).hexdigest()


def shard_path(folder: Path, shard: int) -> Path:
    """Path of shard number `shard` under `folder`."""
    return folder / f"shard-{shard:05d}.npy"


class Clips:
    """Clips of a catalogue, read from memory-mapped shards.

    `catalog` is data/clips/catalog.parquet in the order of its rows; `clips[index]` gives int16
    [len(index), num_samples] for an array of row numbers.
    """

    def __init__(self, folder: Path) -> None:
        """Open `folder`, which holds catalog.parquet and its shards."""
        self.catalog = pd.read_parquet(folder / "catalog.parquet")
        numbers = sorted(set(self.catalog["shard"].tolist()))
        self._shards = {number: np.load(shard_path(folder, number), mmap_mode="r") for number in numbers}
        self._shard = self.catalog["shard"].to_numpy()
        self._row = self.catalog["row"].to_numpy()

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.catalog)

    @property
    def num_samples(self) -> int:
        """Samples a clip."""
        return int(next(iter(self._shards.values())).shape[1])

    def __getitem__(self, index: np.ndarray) -> np.ndarray:
        """int16 [len(index), num_samples], in the order of `index`."""
        index = np.asarray(index)
        pcm = np.empty((len(index), self.num_samples), dtype=np.int16)
        shards = self._shard[index]
        for number in np.unique(shards):
            where = np.flatnonzero(shards == number)
            pcm[where] = self._shards[number][self._row[index[where]]]
        return pcm

    def float32(self, index: np.ndarray) -> np.ndarray:
        """float32 [len(index), num_samples] in [-1, 1)."""
        return self[index].astype(np.float32) / np.float32(32768)
