"""Files and folders are written atomically."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drumspace.dataset.access.clips import Clips
from drumspace.io.atomic import atomic_folder, atomic_path, exchange
from drumspace.io.json_files import jsonable, read_json, write_json
from drumspace.io.parquet import write_parquet
from drumspace.io.shards import clip_id, shard_path


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_a_failed_folder_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "old").write_text("1")
    with pytest.raises(RuntimeError), atomic_folder(folder) as temporary:
        (temporary / "new").write_text("2")
        raise RuntimeError
    assert [item.name for item in tmp_path.rglob("*") if item.is_file()] == ["old"]
    with atomic_folder(folder) as temporary:
        (temporary / "new").write_text("2")
    assert [item.name for item in tmp_path.rglob("*") if item.is_file()] == ["new"]


KILLED = """
import os, sys
from pathlib import Path
from drumspace.io import atomic

path, kill_at, exchanges = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "exchange"
step = 0

def killed_before(function):
    def call(*arguments, **options):
        global step
        step += 1
        if step == kill_at:
            os._exit(9)
        return function(*arguments, **options)
    return call

Path.replace = killed_before(Path.replace)
atomic.shutil.rmtree = killed_before(atomic.shutil.rmtree)
atomic.exchange = killed_before(atomic.exchange if exchanges else lambda one, other: False)
with atomic.atomic_folder(path) as folder:
    (folder / "new").write_text("new")
"""


@pytest.mark.parametrize("method", ["exchange", "two renames"])
def test_a_writer_killed_at_any_step_leaves_the_old_or_the_new_folder(method: str, tmp_path: Path) -> None:
    path, status, steps = tmp_path / "out", 9, 0
    while status == 9:
        steps += 1
        shutil.rmtree(tmp_path)
        path.mkdir(parents=True)
        (path / "old").write_text("old")
        command = [sys.executable, "-c", KILLED, str(path), str(steps), method]
        status = subprocess.run(command, check=False).returncode
        if method == "exchange":
            assert [item.name for item in path.iterdir()] in (["old"], ["new"])
        else:
            assert path.is_dir() or (tmp_path / ".out.former" / "old").is_file()
        with pytest.raises(RuntimeError), atomic_folder(path):
            raise RuntimeError  # the next use of the path restores the folder that the killed process had moved away
        assert [item.name for item in path.iterdir()] in (["old"], ["new"])
        assert not (tmp_path / ".out.former").exists()
    assert status == 0
    assert steps > 3


def test_folders_are_exchanged_in_one_step(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this file system cannot exchange folders")
    assert (tmp_path / "a" / "b").is_file()
    assert (tmp_path / "b" / "a").is_file()
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "a", tmp_path / "none")


def test_json_has_null_for_nan_and_rounded_floats(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": np.float32(0.1), "b": float("nan"), "c": (np.int64(1), np.bool_(True))})
    assert read_json(tmp_path / "a.json") == {"a": 0.1, "b": None, "c": [1, True]}
    assert jsonable(np.array([1.23456789])) == [1.234568]


def test_equal_sounds_have_the_same_id_in_any_memory_layout() -> None:
    pcm = np.arange(100, dtype=np.int16)
    assert clip_id(pcm) == clip_id(np.repeat(pcm, 2)[::2]) == clip_id(pcm.astype(">i2"))
    assert clip_id(pcm) != clip_id(pcm[::-1])


def test_parquet_files_have_reproducible_bytes(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["x", None], "b": [1.5, 2.5]})
    write_parquet(tmp_path / "1.parquet", frame)
    write_parquet(tmp_path / "2.parquet", frame)
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()


def test_clips_are_in_the_requested_order_across_shards(tmp_path: Path) -> None:
    for shard in range(2):
        pcm = np.full((3, 5), shard * 3, np.int16) + np.arange(3, dtype=np.int16)[:, None]
        np.save(shard_path(tmp_path, shard), pcm)
    catalog = pd.DataFrame({"shard": [1, 0, 0, 1], "row": [2, 0, 2, 0]})
    write_parquet(tmp_path / "catalog.parquet", catalog)
    clips = Clips(tmp_path)
    assert len(clips) == 4
    assert clips.num_samples == 5
    assert clips[np.array([3, 1, 0, 2])][:, 0].tolist() == [3, 0, 5, 2]
    assert clips.float32(np.array([0]))[0, 0] == pytest.approx(5 / 32768)
