"""Sounds in what a user names: their order, each once, and what their names say."""

import zipfile
from pathlib import Path

import pytest

from drumspace.classify.inference.find_sounds import Inputs, find_sounds
from drumspace.dataset.ingest.naming import NamingRules


def search(*paths: Path) -> Inputs:
    return find_sounds(paths, paths[0].parent / "unpacked", NamingRules.load())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folder of some kits; files are not decoded here, so they are empty."""
    (tmp_path / "unpacked").mkdir()
    for name in ("kit-2/a.wav", "kit/b.wav", "kit/a.wav", "kit!/cowbell.wav", "z.wav"):
        file = tmp_path / "sounds" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return tmp_path / "sounds"


def test_sounds_are_in_the_order_of_their_paths_part_by_part(folder: Path) -> None:
    paths = [Path(item.path) for item in search(folder).items]
    assert [str(path.relative_to(folder)) for path in paths] == [
        "kit/a.wav",
        "kit/b.wav",
        "kit!/cowbell.wav",
        "kit-2/a.wav",
        "z.wav",
    ]
    assert paths == sorted(paths)


def test_a_sound_that_is_named_twice_comes_once_where_it_was_named_first(folder: Path) -> None:
    items = search(folder / "z.wav", folder, folder / "kit" / "b.wav").items
    assert [Path(item.path).name for item in items] == ["z.wav", "a.wav", "b.wav", "cowbell.wav", "a.wav"]


def test_names_of_other_drums_are_marked(folder: Path) -> None:
    assert [Path(item.path).name for item in search(folder).items if item.is_other] == ["cowbell.wav"]


def test_a_rejected_copy_in_an_archive_is_listed_beside_its_sound(tmp_path: Path) -> None:
    (tmp_path / "unpacked").mkdir()
    with zipfile.ZipFile(tmp_path / "Pack.zip", "w") as archive:
        archive.writestr("kick.wav", b"x")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("kick.wav", b"x")
    first, second = search(tmp_path / "Pack.zip").items
    assert first.path == second.path == str(tmp_path / "Pack.zip" / "kick.wav")
    assert first.reason == "" and Path(first.file).read_bytes() == b"x"
    assert "another file of this name" in second.reason
