"""Fetching records every source and leaves the old output after a failure."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_packages import Clients, digest, tar, wav
from tiny_packages import deb as build

from drumspace.dataset.sources.fetching import SourceError, fetch_all
from drumspace.dataset.sources.settings import SourcesParams
from drumspace.errors import UserError
from drumspace.io.json_files import read_json

STAGE = Path(__file__).parents[3] / "stages/fetch.py"
NPM = tar({"package/bd.wav": wav()})
DEB = build("kits", "2", {"./share/Rock/kick.wav": wav()})


def package(kind: str, **changes: object) -> dict[str, object]:
    known_sha256 = {"npm": {"1.0.0": digest(NPM)}, "deb": {}}[kind]
    common = {"kind": kind, "package": "kits", "sha256": known_sha256, "accept_unknown": True, "licence": "MIT"}
    version = {"version": "1.0.0"} if kind == "npm" else {}
    return {**common, **version, "root": {"npm": "", "deb": "share"}[kind], "optional": True, **changes}


def own_folder(path: Path) -> dict[str, object]:
    path.mkdir(exist_ok=True)
    return {
        "kind": "folder",
        "path": path.as_posix(),
        "layout": "kit",
        "labels": None,
        "optional": True,
        "licence": None,
    }


def fetch(sources: dict[str, object], tmp_path: Path, out: str = "raw") -> dict[str, dict]:
    parsed = SourcesParams.model_validate(sources)
    fetch_all(dict(parsed.items()), tmp_path / out, tmp_path / "downloads", 8000, 800, retry_seconds=0)
    return read_json(tmp_path / out / "sources.json")


def test_sources_are_recorded_in_order_and_reproducibly(clients: Clients, tmp_path: Path, tree: Callable) -> None:
    clients.add_download("apt-get", "kits_2_all.deb", DEB)
    sources = {
        "gone": package("npm"),
        "kits": package("deb"),
        "machine": {"kind": "synth", "seed": 3, "count": {"hat": 2}},
        "own": own_folder(tmp_path / "own"),
    }
    record = fetch(sources, tmp_path)
    assert list(record) == ["gone", "kits", "machine", "own"]
    assert {name: entry["status"] for name, entry in record.items()} == {
        "gone": "skipped",
        "kits": "fetched",
        "machine": "fetched",
        "own": "folder",
    }
    assert record["gone"]["reason"] == "npm failed (exit status 1)"
    assert record["kits"] == {
        "kind": "deb",
        "status": "fetched",
        "reason": None,
        "package": "kits",
        "version": "2",
        "sha256": digest(DEB),
        "licence": "MIT",
        "files": 1,
        "path": (tmp_path / "raw/kits").as_posix(),
        "layout": "kit",
        "labels": None,
        "synthetic": False,
    }
    assert (record["machine"]["synthetic"], record["machine"]["files"]) == (True, 2)
    assert (record["own"]["path"], record["own"]["files"]) == ((tmp_path / "own").as_posix(), None)
    first = tree(tmp_path / "raw")
    assert list(first) == [
        "kits/Rock/kick.wav",
        "machine/hat/hat-00001.wav",
        "machine/hat/hat-00002.wav",
        "sources.json",
    ]
    fetch(sources, tmp_path)
    assert tree(tmp_path / "raw") == first


def test_a_source_that_fails_leaves_nothing_behind(clients: Clients, tmp_path: Path, tree: Callable) -> None:
    files = {"package/a.wav": wav(), "package/../../b.wav": wav()}
    clients.add_download("npm", "kits-1.0.0.tgz", tar(files))
    sources = {
        "kits": package("npm", sha256={}),
        "machine": {"kind": "synth", "seed": 3, "count": {"hat": 1}},
    }
    record = fetch(sources, tmp_path)
    assert record["kits"]["status"] == "skipped"
    assert record["kits"]["reason"].endswith("leads outside")
    assert list(tree(tmp_path / "raw")) == ["machine/hat/hat-00001.wav", "sources.json"]


def test_a_missing_required_source_raises_an_error(clients: Clients, tmp_path: Path, tree: Callable) -> None:
    clients.add_download("npm", "kits-1.0.0.tgz", NPM)
    fetch({"kits": package("npm")}, tmp_path)
    before = tree(tmp_path / "raw")
    with pytest.raises(SourceError, match=r"`more` is not available: apt-get failed .* set `optional: true`") as error:
        fetch({"kits": package("npm"), "more": package("deb", optional=False)}, tmp_path)
    assert error.value.name == "more"
    assert tree(tmp_path / "raw") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clients", "downloads", "raw"]


def test_no_sound_at_all_raises_an_error(clients: Clients, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no source in `sources` has a sound: put files into"):
        fetch({"own": own_folder(tmp_path / "own"), "kits": package("npm")}, tmp_path)
    assert not (tmp_path / "raw").exists()
    (tmp_path / "own/x.wav").write_bytes(wav())
    assert fetch({"own": own_folder(tmp_path / "own")}, tmp_path)["own"]["status"] == "folder"


def stage(folder: Path) -> subprocess.Popen[str]:
    """Start the stage in `folder` as DVC does."""
    environment = {**os.environ, "DRUMSPACE_TRACKING": "off"}
    environment.pop("DVC_ROOT", None)
    return subprocess.Popen(
        [sys.executable, str(STAGE)], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    )


def params(folder: Path, optional: bool) -> None:
    """Write a params.yaml whose line 10 is the key `optional` of the source."""
    (folder / "params.yaml").write_text(f"""\
sources:
  kits:
    kind: npm
    package: kits
    version: 1.0.0
    sha256: {{1.0.0: {digest(NPM)}}}
    accept_unknown: false
    licence: null
    root: ""
    optional: {str(optional).lower()}
""")


def test_the_stage_names_the_line_and_survives_a_kill(clients: Clients, tmp_path: Path, tree: Callable) -> None:
    repository = tmp_path / "repository"
    (repository / "data/raw").mkdir(parents=True)
    (repository / "data/raw/sources.json").write_text("old")
    params(repository, optional=False)

    clients.add_download("npm", "kits-1.0.0.tgz", NPM, failures=9, message="E404")
    process = stage(repository)
    message = process.communicate()[1]
    assert process.returncode == 1
    assert "params.yaml, line 10: the source `kits` is not available: npm has no kits 1.0.0. Correct" in message
    assert "Traceback" not in message
    assert tree(repository / "data") == {"raw/sources.json": b"old"}

    clients.program("npm", f'touch "{tmp_path}/started"; exec sleep 60\n')
    process = stage(repository)
    while not (tmp_path / "started").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (repository / "data/raw/sources.json").read_text() == "old"
    assert len(list((repository / "data").iterdir())) == 2

    clients.add_download("npm", "kits-1.0.0.tgz", NPM)
    process = stage(repository)
    process.communicate()
    assert process.returncode == 0
    assert list(tree(repository / "data")) == ["raw/kits/bd.wav", "raw/sources.json"]
    assert read_json(repository / "data/raw/sources.json")["kits"]["path"] == "data/raw/kits"
    assert list((repository / "data").iterdir()) == [repository / "data/raw"]
