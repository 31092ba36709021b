"""One commit of a repository is fetched without running anything of it, and packed reproducibly."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback
from tiny_packages import wav
from tiny_repository import TinyRepository

from drumspace.dataset.sources import client
from drumspace.dataset.sources.cache import Cache
from drumspace.dataset.sources.kinds import git
from drumspace.dataset.sources.record import Context, Unavailable
from drumspace.dataset.sources.recorded import RecordedHashes
from drumspace.dataset.sources.settings import GitSource
from drumspace.io.hashing import file_sha256

FILES = {"kits/Rock/kick.wav": wav(), "kits/loops/a.wav": wav(), "LICENSE": b"CC0 1.0", "setup.py": b"evil()"}
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 99\n"


@pytest.fixture
def repository(tmp_path: Path) -> TinyRepository:
    return TinyRepository(tmp_path / "hub/drums.git")


def source(repository: str, commit: str | None, **changes: Any) -> GitSource:
    fields: dict[str, Any] = {"kind": "git", "optional": True, "licence": None, "root": "kits", "layout": "kit"}
    return GitSource(**fields | {"repository": repository, "commit": commit, "exclude": ("loops/*",)} | changes)


def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands of git from now on."""
    commands: list[list[str]] = []
    original = client.run

    def run(name: str, command: list[str], *arguments: Any) -> str:
        commands.append(command)
        return original(name, command, *arguments)

    monkeypatch.setattr(client, "run", run)
    return commands


def test_one_commit_is_fetched_alone_and_cached(
    repository: TinyRepository, tmp_path: Path, context: Context, tree: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = repository.commit(FILES)
    repository.commit({"kits/Rock/other.wav": wav(0.1)})
    commands = calls(monkeypatch)
    fetched = git.fetch(source(repository.address, first), tmp_path / "out", context)
    assert tree(tmp_path / "out") == {"Rock/kick.wav": wav(), "licences/LICENSE": b"CC0 1.0"}
    assert (fetched.sounds, fetched.version, fetched.remarks) == (1, first, ())
    assert ["--depth=1" in command for command in commands if "fetch" in command] == [True]
    assert len(list(context.cache.folder.iterdir())) == 1
    commands.clear()
    assert git.fetch(source(repository.address, first), tmp_path / "again", context) == fetched
    assert not commands


def test_equal_commits_give_equal_archives(repository: TinyRepository, tmp_path: Path) -> None:
    commit = repository.commit(FILES | {"ü" * 90 + "/z.wav": wav()}, {"link.wav": "kits/Rock/kick.wav"})
    hashes = set()
    for name in ("a", "b"):
        context = Context(Cache(tmp_path / name), 0, 0, lambda text: None, retry_seconds=0)
        fetched = git.fetch(source(repository.address, commit), tmp_path / f"out-{name}", context)
        (archive,) = (tmp_path / name).glob("*/repository.tar")
        hashes |= {fetched.sha256, file_sha256(archive)}
    assert len(hashes) == 1


def test_a_server_without_single_commits_gives_all_of_them(
    repository: TinyRepository, tmp_path: Path, context: Context, tree: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = repository.commit(FILES)
    repository.commit({"x": b""})
    commands = calls(monkeypatch)
    with Loopback(folder=tmp_path / "hub") as server:  # plain files, which git calls a dumb server
        git.fetch(source(f"{server.address}/drums.git", first), tmp_path / "out", context)
    assert tree(tmp_path / "out")["Rock/kick.wav"] == wav()
    assert ["--depth=1" in command for command in commands if "fetch" in command] == [True, False]


def test_nothing_of_the_repository_or_the_user_runs(
    repository: TinyRepository, tmp_path: Path, context: Context, tree: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch '{marker}'\ncat\n")
    script.chmod(0o755)
    (tmp_path / "hooks").mkdir()
    for hook in ("post-checkout", "reference-transaction", "post-merge"):
        (tmp_path / "hooks" / hook).symlink_to(script)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        f'[core]\nhooksPath = {tmp_path}/hooks\n[filter "lfs"]\nsmudge = {script}\nclean = {script}\nrequired = true\n'
        f"[credential]\nhelper = !{script}\n[init]\ntemplateDir = {tmp_path}\n"
        f'[url "ext::{script} "]\ninsteadOf = file:///\n'
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_ASKPASS", str(script))
    attributes = b"*.wav filter=lfs\nkick.wav export-ignore\n*.txt export-subst\n"
    commit = repository.commit(
        FILES | {"kits/.gitattributes": attributes, ".gitmodules": b'[submodule "s"]\npath = s\nurl = ./s\n'},
        submodule="s",
    )
    fetched = git.fetch(source(repository.address, commit), tmp_path / "out", context)
    assert tree(tmp_path / "out")["Rock/kick.wav"] == wav()
    assert fetched.remarks == ("links and submodules are left out: s",)
    assert not marker.exists()


def test_links_and_pointers_are_left_out_on_record(
    repository: TinyRepository, tmp_path: Path, context: Context, tree: Callable
) -> None:
    links = {"kits/Rock/link.wav": "/etc/passwd", "kits/a": "../..", "kits/b": "x", "kits/c": "y"}
    commit = repository.commit(FILES | {"kits/Rock/big.wav": POINTER}, links)
    for out in ("out", "from the cache"):
        fetched = git.fetch(source(repository.address, commit), tmp_path / out, context)
        assert list(tree(tmp_path / out)) == ["Rock/kick.wav", "licences/LICENSE"]
        assert fetched.remarks == (
            "links and submodules are left out: kits/Rock/link.wav, kits/a, kits/b and 1 more",
            "sounds that Git LFS stores elsewhere are left out: kits/Rock/big.wav",
        )
    pointers = repository.commit({"kits/a.wav": POINTER})
    with pytest.raises(Unavailable, match="holds no sound"):
        git.fetch(source(repository.address, pointers), tmp_path / "none", context)


def test_a_commit_that_is_gone_is_an_error(repository: TinyRepository, tmp_path: Path, context: Context) -> None:
    commit = repository.commit(FILES)
    tree = repository.git("rev-parse", f"{commit}^{{tree}}")
    repository.git("tag", "-a", "v1", "-m", "x", commit)
    tag = repository.git("rev-parse", "v1")
    for other in ("0123456789" * 4, tree, tag):
        with pytest.raises(Unavailable, match=f"drums.git has no commit {other}: it is gone") as error:
            git.fetch(source(repository.address, other), tmp_path / "out", context)
        assert not error.value.temporary
    assert not list(context.cache.folder.iterdir())


def test_a_repository_that_cannot_be_reached_is_an_error(
    tmp_path: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = calls(monkeypatch)
    with pytest.raises(Unavailable, match=r"none\.git does not exist or is not public$"):
        git.fetch(source(f"file://{tmp_path}/none.git", "0" * 40), tmp_path / "out", context)
    assert sum("fetch" in command for command in commands) == 1
    with Loopback(lambda request: request.send_error(401)) as server:  # as servers do for private repositories
        address = f"{server.address}/private.git"
        with pytest.raises(Unavailable, match=r"private\.git does not exist or is not public"):
            git.fetch(source(address, "0" * 40), tmp_path / "out", context)
    commands.clear()
    with pytest.raises(Unavailable, match=r"private\.git can't be reached"):  # the server has stopped
        git.fetch(source(address, "0" * 40), tmp_path / "out", context)
    assert sum("fetch" in command for command in commands) == 3
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(Unavailable, match="git is not installed"):
        git.fetch(source(address, "0" * 40), tmp_path / "out", context)


def test_the_commit_is_recorded_at_first_download(repository: TinyRepository, tmp_path: Path) -> None:
    def context(recorded: RecordedHashes, cache: str) -> Context:
        return Context(Cache(tmp_path / cache), 0, 0, lambda text: None, 0, recorded)

    first = repository.commit(FILES)
    open_source = source(repository.address, None)
    hashes = tmp_path / "hashes.yaml"
    with pytest.raises(Unavailable, match=r"no commit of file://.*drums.git is known: set `commit`, or run `drumspace"):
        git.fetch(open_source, tmp_path / "none", context(RecordedHashes.load(hashes), "a"))
    assert git.fetch(open_source, tmp_path / "out", context(RecordedHashes.load(hashes, True), "a")).version == first
    repository.commit({"kits/Rock/other.wav": wav()})
    for recording in (False, True):
        recorded = RecordedHashes.load(hashes, recording)
        assert git.fetch(open_source, tmp_path / f"{recording}", context(recorded, f"{recording}")).version == first
    empty = TinyRepository(tmp_path / "hub/empty.git")
    with pytest.raises(Unavailable, match=r"empty.git has no default branch: set `commit`"):
        git.fetch(source(empty.address, None), tmp_path / "no", context(RecordedHashes.load(hashes, True), "a"))
