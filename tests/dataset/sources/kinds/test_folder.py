"""Folder sources are checked for existence, sounds and labels."""

from pathlib import Path

import pytest
from tiny_packages import wav

from drumspace.dataset.sources.kinds import folder
from drumspace.dataset.sources.record import Context, Unavailable
from drumspace.dataset.sources.settings import FolderSource


def source(path: Path, optional: bool, labels: str | None = None) -> FolderSource:
    return FolderSource(kind="folder", path=str(path), layout="kit", labels=labels, optional=optional, licence=None)


def test_a_missing_or_empty_folder_raises_an_error(tmp_path: Path, context: Context) -> None:
    own = tmp_path / "own"
    with pytest.raises(Unavailable, match="own does not exist"):
        folder.fetch(source(own, optional=True), tmp_path / "out", context)
    (own / "kit").mkdir(parents=True)
    (own / "kit/loop").symlink_to(own)
    (own / "kit/notes.txt").touch()
    assert folder.fetch(source(own, optional=True), tmp_path / "out", context).sounds == 0
    with pytest.raises(Unavailable, match="own holds no sound"):
        folder.fetch(source(own, optional=False), tmp_path / "out", context)
    (own / "kit/K.WAV").write_bytes(wav())
    assert folder.fetch(source(own, optional=False), tmp_path / "out", context).sounds == 1
    with pytest.raises(Unavailable, match=r"own has no file labels\.csv"):
        folder.fetch(source(own, optional=False, labels="labels.csv"), tmp_path / "out", context)
    assert not (tmp_path / "out").exists()
