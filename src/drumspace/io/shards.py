"""Shards of clips: .npy files that np.load can memory-map, written clip by clip."""

import hashlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np


def clip_id(pcm: np.ndarray) -> str:
    """SHA-256 of a clip's PCM (int16, little endian), in hexadecimal: equal clips have equal ids."""
    return hashlib.sha256(np.ascontiguousarray(pcm, dtype="<i2").tobytes()).hexdigest()


def shard_path(folder: Path, shard: int) -> Path:
    """Path of shard number `shard` under `folder`."""
    return folder / f"shard-{shard:05d}.npy"


class ShardWriter:
    """Writer of clips into memory-mappable .npy files of at most `clips_per_shard` clips: int16 [n, num_samples].

    The bytes equal those of np.save. Use as a context manager.
    """

    def __init__(self, folder: Path, num_samples: int, clips_per_shard: int) -> None:
        """Write to `folder`, which must exist."""
        self.folder, self.num_samples, self.clips_per_shard = folder, num_samples, clips_per_shard
        self.count = 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Return the writer; the first file is opened with the first clip."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the last shard."""
        self._finish()

    def append(self, pcm: np.ndarray) -> tuple[int, int]:
        """Write a clip, int16 [n ≤ num_samples], padded with zeros; return its shard and row."""
        shard, row = divmod(self.count, self.clips_per_shard)
        if row == 0:
            self._finish()
            self._file = shard_path(self.folder, shard).open("wb")
            self._header(0)
        assert self._file
        self._file.write(pcm.astype("<i2", copy=False).tobytes())
        self._file.write(bytes(2 * (self.num_samples - len(pcm))))
        self.count += 1
        return shard, row

    def _header(self, rows: int) -> None:
        # numpy pads the header, so that it can be rewritten in place when the number of rows is known.
        assert self._file
        self._file.seek(0)
        fields = {"descr": "<i2", "fortran_order": False, "shape": (rows, self.num_samples)}
        np.lib.format.write_array_header_1_0(self._file, fields)

    def _finish(self) -> None:
        if self._file:
            self._header((self.count - 1) % self.clips_per_shard + 1)
            self._file.close()
            self._file = None
