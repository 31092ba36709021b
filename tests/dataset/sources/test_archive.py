"""Archives are unpacked by selection, without links, outside paths or excessive size."""

import io
import zipfile
from pathlib import Path

import pytest
from tiny_packages import tar, wav

from drumspace.dataset.sources import archive
from drumspace.dataset.sources.archive import Selection, unpack
from drumspace.dataset.sources.record import Unavailable
from drumspace.io.archives import tar_entries, zip_entries

ALL = Selection("", ("*",), ())


def untar(data: bytes, out: Path, selection: Selection = ALL, strip: int = 0) -> int:
    return unpack(tar_entries(io.BytesIO(data), strip), selection, out)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("share/kits/Rock/Kick 1.WAV", "Rock/Kick 1.WAV"),
        ("share/kits/Rock/DrumKit.xml", "Rock/DrumKit.xml"),
        ("share/kits/Rock/loops/beat.flac", None),
        ("share/kits/Rock/kick.txt", None),
        ("share/kits/Rock/setup.py", None),
        ("share/kitsch/kick.wav", None),
        ("share/doc/x/copyright", "licences/share/doc/x/copyright"),
        ("LICENSE-Samples.md", "licences/LICENSE-Samples.md"),
        ("share/kits/licence.py", None),
        ("share/kits/gm.sf2", "gm.sf2"),
        ("share/kits/electro/kick.ogg", None),
    ],
)
def test_files_are_selected_by_patterns(path: str, target: str | None) -> None:
    selection = Selection("share/kits", ("rock/*", "*.SF2"), ("*/loops/*",))
    assert selection.target(path) == target


def test_root_and_the_top_folder_are_cut_off(tmp_path: Path) -> None:
    data = tar({"p-1/a/b/k/x.wav": wav(), "p-1/a/c/y.wav": wav(), "p-1/LICENSE": b"free"})
    assert untar(data, tmp_path / "out", Selection("a/b", ("*",), ()), strip=1) == 1
    assert (tmp_path / "out/k/x.wav").read_bytes() == wav()
    assert (tmp_path / "out/licences/LICENSE").read_bytes() == b"free"
    assert not list(tmp_path.rglob("y.wav"))


@pytest.mark.parametrize("strip", [0, 1])
@pytest.mark.parametrize("path", ["../evil.wav", "a/../../evil.wav", "a/..", "/tmp/evil.wav"])
def test_paths_outside_the_folder_are_rejected(tmp_path: Path, path: str, strip: int) -> None:
    with pytest.raises(Unavailable, match="leads outside"):
        untar(tar({path: wav()}), tmp_path / "in/out", strip=strip)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_links_are_neither_followed_nor_created(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    data = tar({"x.wav": wav()}, {"kit": str(secret), "link.wav": str(tmp_path / "other.wav")})
    assert untar(data, tmp_path / "out") == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["x.wav"]
    # A link first, then a file "through" it: the file lands in a real folder.
    link_then_file = io.BytesIO(tar({}, {"kit": str(secret)}, mode="w")[:512] + tar({"kit/y.wav": wav()}, mode="w"))
    assert unpack(tar_entries(link_then_file), ALL, tmp_path / "out") == 1
    assert (tmp_path / "out/kit/y.wav").read_bytes() == wav()
    assert not list(secret.iterdir())


def test_archives_beyond_the_limits_are_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tar({f"{number}.wav": bytes(1000) for number in range(5)})
    monkeypatch.setattr(archive, "MAX_ENTRIES", 5)
    monkeypatch.setattr(archive, "MAX_BYTES", 5000)
    assert untar(data, tmp_path / "fits") == 5
    monkeypatch.setattr(archive, "MAX_BYTES", 4999)
    with pytest.raises(Unavailable, match="unpacks to more than"):
        untar(data, tmp_path / "bytes")
    monkeypatch.setattr(archive, "MAX_BYTES", 5000)
    monkeypatch.setattr(archive, "MAX_ENTRIES", 4)
    with pytest.raises(Unavailable, match="more than 4 members"):
        untar(data, tmp_path / "entries")


def test_a_damaged_archive_raises_an_error(tmp_path: Path) -> None:
    data = tar({f"{number}.wav": wav(number / 10) for number in range(9)})
    for broken in (data[: len(data) // 2], b"no archive", b""):
        with pytest.raises(Unavailable, match="damaged"):
            untar(broken, tmp_path / "out")


def test_invalid_paths_raise_errors(tmp_path: Path) -> None:
    for files in ({"a.wav": wav(), "a.wav/b.wav": wav()}, {"x" * 300 + ".wav": wav()}):
        with pytest.raises(Unavailable, match="can't be created"):
            untar(tar(files), tmp_path / "out")


def test_zip_archives_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("top/link.wav")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("top/kit/x.wav", wav())
        file.writestr(link, "/etc/passwd")
    assert unpack(zip_entries(path, strip=1), ALL, tmp_path / "out") == 1
    assert (tmp_path / "out/kit/x.wav").read_bytes() == wav()
    assert not (tmp_path / "out/link.wav").exists()
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("../x.wav", wav())
    with pytest.raises(Unavailable, match="leads outside"):
        unpack(zip_entries(path, strip=1), ALL, tmp_path / "out2")
