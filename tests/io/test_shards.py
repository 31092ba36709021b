"""Shards have the same bytes as files of np.save."""

from pathlib import Path

import numpy as np
import pytest

from drumspace.io.shards import ShardWriter, shard_path


@pytest.mark.parametrize("count", [0, 1, 3, 4, 11])
def test_bytes_equal_those_of_numpy(tmp_path: Path, count: int) -> None:
    clips = np.random.default_rng(0).integers(-32768, 32768, (count, 7)).astype(np.int16)
    lengths = [7, 3, 0, 5]
    for row, clip in enumerate(clips):
        clip[lengths[row % 4] :] = 0
    with ShardWriter(tmp_path, 7, 4) as writer:
        locations = [writer.append(clip[: lengths[row % 4]]) for row, clip in enumerate(clips)]
    assert locations == [divmod(row, 4) for row in range(count)]
    assert len(list(tmp_path.iterdir())) == -(-count // 4)
    for shard, start in enumerate(range(0, count, 4)):
        np.save(tmp_path / "expected.npy", clips[start : start + 4])
        assert shard_path(tmp_path, shard).read_bytes() == (tmp_path / "expected.npy").read_bytes()
