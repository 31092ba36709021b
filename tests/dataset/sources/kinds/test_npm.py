"""npm packages are downloaded with retries, verified by hash and cached."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_packages import Clients, digest, tar, wav

from drumspace.dataset.sources.kinds import npm
from drumspace.dataset.sources.record import Context, Unavailable
from drumspace.dataset.sources.settings import NpmSource

ARCHIVE = tar({"package/samples/bd.wav": wav(), "package/samples/loop.wav": wav(), "package/index.js": b"evil()"})
FILE = "sc-1.0.0.tgz"


def source(sha256: dict[str, str]) -> NpmSource:
    return NpmSource(
        kind="npm",
        package="sc",
        version="1.0.0",
        sha256=sha256,
        accept_unknown=not sha256,
        optional=True,
        licence=None,
        root="samples",
        exclude=("loop*",),
    )


KNOWN = source({"1.0.0": digest(ARCHIVE)})


def test_a_download_is_tried_again_after_failures_and_then_cached(
    clients: Clients, tmp_path: Path, context: Context, tree: Callable
) -> None:
    clients.add_download("npm", FILE, ARCHIVE, failures=2)
    fetched = npm.fetch(KNOWN, tmp_path / "out", context)
    assert (fetched.sounds, fetched.version, fetched.sha256) == (1, "1.0.0", digest(ARCHIVE))
    assert tree(tmp_path / "out") == {"bd.wav": wav()}
    assert len(clients.calls("npm")) == 3
    assert clients.calls("npm")[0].split()[0] == "pack"
    assert clients.calls("npm")[0].split()[-1] == "sc@1.0.0"
    npm.fetch(KNOWN, tmp_path / "again", context)
    assert len(clients.calls("npm")) == 3


def test_three_failed_downloads_raise_an_error(clients: Clients, tmp_path: Path, context: Context) -> None:
    clients.add_download("npm", FILE, ARCHIVE, failures=9)
    with pytest.raises(Unavailable, match=r"^npm failed \(exit status 100\)$"):
        npm.fetch(KNOWN, tmp_path / "out", context)
    assert len(clients.calls("npm")) == 3
    assert not list(context.cache.folder.iterdir())


def test_a_missing_package_is_requested_once(clients: Clients, tmp_path: Path, context: Context) -> None:
    clients.add_download("npm", FILE, ARCHIVE, failures=9, message="npm error code ETARGET")
    with pytest.raises(Unavailable, match=r"^npm has no sc 1\.0\.0$"):
        npm.fetch(KNOWN, tmp_path / "out", context)
    assert len(clients.calls("npm")) == 1


def test_another_hash_is_rejected_and_nothing_unpacked(clients: Clients, tmp_path: Path, context: Context) -> None:
    clients.add_download("npm", FILE, ARCHIVE[:-9])
    with pytest.raises(Unavailable, match=f"has SHA-256 {digest(ARCHIVE[:-9])}, not {digest(ARCHIVE)}"):
        npm.fetch(KNOWN, tmp_path / "out", context)
    assert len(clients.calls("npm")) == 3  # a broken download has a wrong hash too, so it is tried again
    assert not (tmp_path / "out").exists()
    assert not list(context.cache.folder.iterdir())


def test_an_archive_without_a_selected_sound_raises_an_error(
    clients: Clients, tmp_path: Path, context: Context
) -> None:
    clients.add_download("npm", FILE, tar({"package/samples/loop.wav": wav()}))
    with pytest.raises(Unavailable, match=r"the archive of sc 1\.0\.0 holds no sound"):
        npm.fetch(source({}), tmp_path / "out", context)
