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
from tiny_repository import TinyRepository

from drumspace.dataset.sources.fetching import SourceError, fetch_ahead, fetch_all
from drumspace.dataset.sources.recorded import RecordedHashes
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
        "licence_files": {},
        "remarks": [],
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


def repository(address: str, commit: str | None, **changes: object) -> dict[str, object]:
    fields = {"kind": "git", "optional": True, "licence": "MIT", "root": "", "layout": "one kit"}
    return fields | {"repository": address, "commit": commit} | changes


def test_a_repository_and_its_licence_files_are_recorded(tmp_path: Path, tree: Callable) -> None:
    hub = TinyRepository(tmp_path / "hub.git")
    commit = hub.commit({"a/kick.wav": wav(), "LICENSE": b"CC0", "a/sampled.json": b"{}"}, {"b.wav": "a/kick.wav"})
    record = fetch({"drums": repository(hub.address, commit, licence_files=["LICENSE", "*.json"])}, tmp_path)["drums"]
    assert record == {
        "kind": "git",
        "status": "fetched",
        "reason": None,
        "package": hub.address,
        "version": commit,
        "sha256": record["sha256"],
        "licence": "MIT",
        "licence_files": {"licences/LICENSE": "", "licences/a/sampled.json": "a"},
        "remarks": ["links and submodules are left out: b.wav"],
        "files": 1,
        "path": (tmp_path / "raw/drums").as_posix(),
        "layout": "one kit",
        "labels": None,
        "synthetic": False,
    }
    first = tree(tmp_path / "raw")
    fetch({"drums": repository(hub.address, commit, licence_files=["LICENSE", "*.json"])}, tmp_path)
    assert tree(tmp_path / "raw") == first


def test_a_missing_licence_file_leaves_no_licence(tmp_path: Path) -> None:
    hub = TinyRepository(tmp_path / "hub.git")
    commit = hub.commit({"kick.wav": wav()})
    record = fetch({"drums": repository(hub.address, commit, licence_files=["COPYING*"])}, tmp_path)["drums"]
    assert record["licence"] is None
    assert record["remarks"] == ["no file COPYING*, which should state the licence: the licence is not known"]


def test_what_is_gone_is_skipped_on_record_or_an_error(tmp_path: Path) -> None:
    hub = TinyRepository(tmp_path / "hub.git")
    sources = {
        "drums": repository(hub.address, hub.commit({"kick.wav": wav()})),
        "gone": repository(hub.address, "0" * 40),
        "none": repository(f"file://{tmp_path}/none.git", "0" * 40),
        "open": repository(f"file://{tmp_path}/none.git", None),
    }
    record = fetch(sources, tmp_path)
    assert {name: entry["status"] for name, entry in record.items()} == {"drums": "fetched"} | dict.fromkeys(
        ("gone", "none", "open"), "skipped"
    )
    assert record["gone"]["reason"].startswith(f"the repository {hub.address} has no commit 0000")
    assert record["none"]["reason"].endswith("none.git does not exist or is not public")
    assert "run `drumspace fetch --record`" in record["open"]["reason"]
    with pytest.raises(SourceError, match=r"the source `gone` is not available: the repository .* has no commit"):
        fetch({**sources, "gone": repository(hub.address, "0" * 40, optional=False)}, tmp_path)


def test_sources_are_fetched_ahead_and_recorded(clients: Clients, tmp_path: Path) -> None:
    hub = TinyRepository(tmp_path / "hub.git")
    commit = hub.commit({"kick.wav": wav()})
    sources = {
        "kits": package("npm"),
        "gone": repository(hub.address, "0" * 40),
        "drums": repository(hub.address, None),
    }
    parsed = dict(SourcesParams.model_validate(sources).items())
    recorded = RecordedHashes.load(tmp_path / "hashes.yaml", recording=True)
    states = dict(fetch_ahead(parsed, tmp_path / "downloads", recorded, retry_seconds=0))
    assert states.keys() == {"gone", "drums"}  # packages have their hashes in the settings
    assert states["drums"] is None
    assert "has no commit" in str(states["gone"])
    assert RecordedHashes.load(tmp_path / "hashes.yaml").get(hub.address) == commit
    assert len(list((tmp_path / "downloads").iterdir())) == 1


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


def test_the_stage_uses_recorded_hashes(tmp_path: Path, tree: Callable) -> None:
    hub = TinyRepository(tmp_path / "hub.git")
    commit = hub.commit({"kick.wav": wav()})
    folder = tmp_path / "repository"
    (folder / "data").mkdir(parents=True)
    (folder / "params.yaml").write_text(f"""\
sources:
  drums: {{kind: git, repository: "{hub.address}", commit: null, optional: false, licence: null, root: "", layout: kit}}
""")
    process = stage(folder)
    assert "line 2: the source `drums` is not available: no commit of file://" in process.communicate()[1]
    (folder / "data/recorded_hashes.yaml").write_text(f"{hub.address}: {commit}\n")
    process = stage(folder)
    process.communicate()
    assert process.returncode == 0
    assert read_json(folder / "data/raw/sources.json")["drums"]["version"] == commit


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
