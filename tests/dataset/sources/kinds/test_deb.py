"""Debian packages are downloaded, verified by hash and unpacked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_packages import Clients, digest, wav
from tiny_packages import deb as build

from drumspace.dataset.sources.kinds import deb
from drumspace.dataset.sources.record import Context, Unavailable
from drumspace.dataset.sources.settings import DebSource

ARCHIVE = build(
    "kits",
    "1:2.0~b-1",
    {
        "./usr/share/kits/Rock/kick.wav": wav(),
        "./usr/share/kits/Rock/drumkit.xml": b"<x/>",
        "./usr/share/doc/kits/copyright": b"free",
        "./usr/bin/evil": b"#!/bin/sh",
    },
    links={"./usr/share/kits/Rock/also.wav": "kick.wav"},
)
FILE = "kits_1%3a2.0~b-1_all.deb"


def source(sha256: dict[str, str], accept_unknown: bool, version: str | None = None) -> DebSource:
    return DebSource(
        kind="deb",
        package="kits",
        version=version,
        sha256=sha256,
        accept_unknown=accept_unknown,
        optional=True,
        licence=None,
        root="usr/share/kits",
    )


def test_a_known_version_is_unpacked(clients: Clients, tmp_path: Path, context: Context, tree: Callable) -> None:
    clients.add_download("apt-get", FILE, ARCHIVE, failures=1, message="404 Not Found")
    expected = source({"1:2.0~b-1": digest(ARCHIVE)}, accept_unknown=False)
    fetched = deb.fetch(expected, tmp_path / "out", context)
    assert (fetched.sounds, fetched.version, fetched.sha256) == (1, "1:2.0~b-1", digest(ARCHIVE))
    assert tree(tmp_path / "out") == {
        "Rock/drumkit.xml": b"<x/>",
        "Rock/kick.wav": wav(),
        "licences/usr/share/doc/kits/copyright": b"free",
    }
    assert clients.calls("apt-get") == ["download -qq kits"] * 2
    deb.fetch(expected, tmp_path / "again", context)
    assert len(clients.calls("apt-get")) == 2


def test_an_unknown_version_is_used_where_accepted_and_recorded(
    clients: Clients, tmp_path: Path, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    clients.add_download("apt-get", FILE, ARCHIVE)
    with pytest.raises(Unavailable, match=f"add `1:2.0~b-1: {digest(ARCHIVE)}` under `sha256`"):
        deb.fetch(source({"1.9-1": "0" * 64}, accept_unknown=False), tmp_path / "out", context)
    assert len(clients.calls("apt-get")) == 1
    assert not (tmp_path / "out").exists()
    fetched = deb.fetch(source({"1.9-1": "0" * 64}, accept_unknown=True), tmp_path / "out", context)
    assert (fetched.version, fetched.sha256) == ("1:2.0~b-1", digest(ARCHIVE))
    assert f"kits 1:2.0~b-1 is not a known version; its SHA-256 is {digest(ARCHIVE)}" in caplog.text


def test_a_known_version_with_another_hash_is_rejected_even_if_unknown_versions_are_accepted(
    clients: Clients, tmp_path: Path, context: Context
) -> None:
    clients.add_download("apt-get", FILE, ARCHIVE)
    with pytest.raises(Unavailable, match=f"not {'0' * 64}"):
        deb.fetch(source({"1:2.0~b-1": "0" * 64}, accept_unknown=True), tmp_path / "out", context)
    assert not (tmp_path / "out").exists()


def test_an_error_about_an_empty_package_list_names_the_command_to_run(
    clients: Clients, tmp_path: Path, context: Context
) -> None:
    clients.add_download("apt-get", FILE, ARCHIVE, failures=9, message="E: Unable to locate package kits")
    with pytest.raises(Unavailable, match="has no package kits=3: run `apt-get update` as root, then"):
        deb.fetch(source({}, accept_unknown=True, version="3"), tmp_path / "out", context)
    assert clients.calls("apt-get") == ["download -qq kits=3"]


def test_another_package_or_version_than_requested_is_rejected(
    clients: Clients, tmp_path: Path, context: Context
) -> None:
    clients.add_download("apt-get", FILE, build("other", "3", {}))
    with pytest.raises(Unavailable, match="downloaded another package than kits"):
        deb.fetch(source({}, accept_unknown=True), tmp_path / "out", context)
    clients.add_download("apt-get", FILE, ARCHIVE)
    with pytest.raises(Unavailable, match=r"downloaded version 1:2\.0~b-1 of kits, not 3"):
        deb.fetch(source({}, accept_unknown=True, version="3"), tmp_path / "out", context)


def test_without_apt_an_error_is_raised(
    clients: Clients, tmp_path: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"^apt-get is not installed on this machine$"):
        deb.fetch(source({}, accept_unknown=True), tmp_path / "out", context)


def test_a_path_outside_the_folder_is_rejected(clients: Clients, tmp_path: Path, context: Context) -> None:
    clients.add_download("apt-get", FILE, build("kits", "1", {"./usr/share/kits/../../../../../evil.wav": wav()}))
    with pytest.raises(Unavailable, match="leads outside"):
        deb.fetch(source({}, accept_unknown=True), tmp_path / "a/b/c/d/e/f/out", context)
    assert not list(tmp_path.rglob("evil.wav"))
