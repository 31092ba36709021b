"""Downloads with the real pip, from a local folder of packages."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_packages import digest, tar, wav

from drumspace.dataset.sources.kinds import pip
from drumspace.dataset.sources.record import Context, Unavailable
from drumspace.dataset.sources.settings import PipSource


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def source(version: str, sha256: dict[str, str], accept_unknown: bool = False) -> PipSource:
    return PipSource(
        kind="pip",
        package="Tiny.Drums",
        version=version,
        sha256=sha256,
        accept_unknown=accept_unknown,
        optional=False,
        licence=None,
        root="tiny",
    )


def sdist(folder: Path, version: str) -> tuple[bytes, Path]:
    """Write a source archive whose setup.py creates a marker file when it runs; returns its bytes and the marker."""
    marker = folder.parent / "setup-ran"
    setup = f"""
from pathlib import Path
from setuptools import setup
Path({str(marker)!r}).touch()
setup(name="tiny-drums", version="{version}", packages=[])
"""
    top = f"tiny_drums-{version}"
    info = f"Metadata-Version: 2.1\nName: tiny-drums\nVersion: {version}\n"
    files = {
        "setup.py": setup.encode(),
        "PKG-INFO": info.encode(),
        "tiny/kit/kick.wav": wav(),
        "LICENSE": b"x",
    }
    data = tar({f"{top}/{name}": content for name, content in files.items()})
    (folder / f"{top}.tar.gz").write_bytes(data)
    return data, marker


def test_a_source_archive_is_read_from_the_cache_without_an_index(
    index: Path, tmp_path: Path, context: Context, tree: Callable
) -> None:
    data, _ = sdist(index, "1.0")
    expected = source("1.0", {"1.0": digest(data)})
    fetched = pip.fetch(expected, tmp_path / "out", context)
    assert (fetched.sounds, fetched.version, fetched.sha256) == (1, "1.0", digest(data))
    assert tree(tmp_path / "out") == {"kit/kick.wav": wav(), "licences/LICENSE": b"x"}
    (index / "tiny_drums-1.0.tar.gz").unlink()
    assert pip.fetch(expected, tmp_path / "again", context) == fetched
    assert tree(tmp_path / "again") == tree(tmp_path / "out")


def test_another_hash_is_rejected_before_setup_runs(index: Path, tmp_path: Path, context: Context) -> None:
    _, marker = sdist(index, "1.0")
    with pytest.raises(Unavailable, match=f"Tiny.Drums 1.0 has another SHA-256 than {'0' * 64}"):
        pip.fetch(source("1.0", {"1.0": "0" * 64}), tmp_path / "out", context)
    assert not marker.exists()
    assert not (tmp_path / "out").exists()
    assert not list(context.cache.folder.iterdir())


def test_a_wheel_of_an_unknown_version_is_recorded(index: Path, tmp_path: Path, context: Context) -> None:
    path = index / "tiny_drums-2.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny/kit/kick.wav", wav())
        wheel.writestr("tiny_drums-2.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-drums\nVersion: 2.0\n")
        wheel.writestr("tiny_drums-2.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tiny_drums-2.0.dist-info/RECORD", "")
    fetched = pip.fetch(source("2.0", {}, accept_unknown=True), tmp_path / "out", context)
    assert (fetched.sounds, fetched.version, fetched.sha256) == (1, "2.0", digest(path.read_bytes()))
