"""Source kind `git`: the files of one commit of a repository, packed into an archive of its own.

The repository is fetched without a working tree: no hook, no filter (such as that of Git LFS), no submodule and no
program of the user's configuration runs, and no credentials are looked for.
"""

import os
import re
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from drumspace.dataset.sources import client
from drumspace.dataset.sources.addressed import some, unpack_addressed
from drumspace.dataset.sources.archive import is_sound
from drumspace.dataset.sources.cache import Archive
from drumspace.dataset.sources.download import download
from drumspace.dataset.sources.record import Context, Fetched, Unavailable
from drumspace.dataset.sources.settings import GitSource
from drumspace.io.archives import Entry, tar_entries
from drumspace.io.hashing import file_sha256

_NOT_AT_TIP = ("not our ref", "unadvertised object", "shallow")
"""Words of git when a server gives whole branches only, or lacks the commit."""
_NO_REPOSITORY = ("not found", "does not exist", "does not appear to be a git repository", "could not read Username")
"""Words of git for a repository that does not exist; servers ask for a user name instead, since it may be private."""
_POINTER = b"version https://git-lfs.github.com/spec/"
_POINTER_BYTES = 1024
"""Largest size of a pointer of Git LFS, by its specification."""
_KEPT_VARIABLES = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def fetch(source: GitSource, out: Path, context: Context) -> Fetched:
    """Unpack the sounds of the commit into `out`. Raises Unavailable.

    Links, submodules and sounds that Git LFS stores elsewhere are left out, as remarks of the result say.
    """
    archive = _obtain(source, context)
    links: list[str] = []
    pointers: list[str] = []
    with archive.path.open("rb") as stream:
        fetched = unpack_addressed(source, _own_files(tar_entries(stream), links, pointers), archive, out, context)
    if source.commit is None:
        context.recorded.add(source.repository, archive.version)
    remarks = list(fetched.remarks)
    if links:
        remarks.append(f"links and submodules are left out: {some(links)}")
    if pointers:
        remarks.append(f"sounds that Git LFS stores elsewhere are left out: {some(pointers)}")
    return replace(fetched, remarks=tuple(remarks))


def _obtain(source: GitSource, context: Context) -> Archive:
    commit = source.commit or context.recorded.get(source.repository)
    if commit is None and not context.recorded.recording:
        raise Unavailable(
            f"no commit of {source.repository} is known: set `commit`, or run `drumspace fetch --record`, and commit"
            " what it writes"
        )
    if commit is not None:
        cached = context.cache.find("git", source.repository, commit, {}, accept_unknown=True)
        if cached is not None:
            return cached
    return download("git", source.repository, context, partial(_download, source.repository, commit, context))


def _download(address: str, commit: str | None, context: Context, folder: Path) -> Archive:
    git = _Git(address, folder, context)
    commit = commit or git.head()
    git.fetch(commit)
    path = folder / "repository.tar"
    git.pack(commit, path)
    return Archive(path, commit, file_sha256(path))


class _NotGivenAlone(Exception):
    """Error of a server that does not give this commit alone."""


class _Git:
    """A bare repository in a temporary folder, and the git program with a configuration of its own."""

    def __init__(self, address: str, folder: Path, context: Context) -> None:
        self.address, self.folder, self.context = address, folder, context
        self.repository = folder / "repository"
        self.program = client.require("git")
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT_VARIABLES},
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "",
            "SSH_ASKPASS": "",
            "GIT_LFS_SKIP_SMUDGE": "1",
            # No ssh and no `ext::`, whatever a redirection says.
            "GIT_ALLOW_PROTOCOL": urlsplit(address).scheme,
            "LC_ALL": "C",
        }
        # An empty template: git copies the hooks of its default one.
        self._run("init", "--quiet", "--bare", "--template=", str(self.repository))

    def head(self) -> str:
        """Commit of the default branch."""
        words = self._remote("ls-remote", self.address, "HEAD").split()
        if not words or not _COMMIT.fullmatch(words[0]):
            raise Unavailable(f"the repository {self.address} has no default branch: set `commit`")
        return words[0]

    def fetch(self, commit: str) -> None:
        """Fetch one commit alone, or all branches and tags from a server that does not give single commits.

        git names objects by the hash of their content, so a commit of this id has the content that it names.
        """
        options = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-gc")
        try:
            self._remote(*options, "--depth=1", self.address, commit)
        except _NotGivenAlone:
            self.context.report_progress("downloading all commits")
            self._remote(*options, self.address, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        try:
            resolved = self._run("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}").strip()
        except client.ClientError:
            resolved = ""
        if resolved != commit:
            raise Unavailable(f"the repository {self.address} has no commit {commit}: it is gone, or no commit at all")

    def pack(self, commit: str, path: Path) -> None:
        """Write the files of a commit into a tar archive: equal commits give equal bytes.

        Links and submodules are members without content.
        """
        listing = self._run("ls-tree", "-r", "-z", "--full-tree", commit)
        command = [self.program, "--git-dir", str(self.repository), "cat-file", "--batch"]
        with (
            subprocess.Popen(
                command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as process,
            tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive,
        ):
            assert process.stdin is not None and process.stdout is not None
            for line in listing.split("\0")[:-1]:
                attributes, _, name = line.partition("\t")
                mode, _, object_id = attributes.split()
                member = tarfile.TarInfo(name)
                if not mode.startswith("100"):
                    member.type = tarfile.SYMTYPE
                    archive.addfile(member)
                    continue
                process.stdin.write(f"{object_id}\n".encode())
                process.stdin.flush()
                header = process.stdout.readline().split()
                if len(header) != 3:
                    raise Unavailable(f"the repository {self.address} is damaged: it lacks {name}")
                member.size = int(header[2])
                archive.addfile(member, process.stdout)
                process.stdout.read(1)  # a line feed follows each object
            process.stdin.close()

    def _remote(self, *arguments: str) -> str:
        # A connection of less than 1 kB/s for a minute counts as broken.
        limits = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60")
        try:
            return self._run(*limits, *arguments)
        except client.ClientError as error:
            if any(words in error.stderr for words in _NO_REPOSITORY):
                raise Unavailable(f"the repository {self.address} does not exist or is not public") from error
            if "--depth=1" in arguments and any(words in error.stderr for words in _NOT_AT_TIP):
                raise _NotGivenAlone from error
            raise Unavailable(f"the repository {self.address} can't be reached", temporary=True) from error

    def _run(self, *arguments: str) -> str:
        options = ("-c", f"core.hooksPath={os.devnull}", "-c", "credential.helper=")
        command = [self.program, "--git-dir", str(self.repository), *options, *arguments]
        return client.run("git", command, self.folder, self.context.report_progress, self.environment)


def _own_files(entries: Iterable[Entry], links: list[str], pointers: list[str]) -> Iterator[Entry]:
    """Pass entries on, without pointers of Git LFS; the paths of what is left out are added to the lists."""
    for entry in entries:
        if entry.open is None and not entry.is_folder:
            links.append(entry.path)
        if entry.open is not None and entry.size <= _POINTER_BYTES and is_sound(entry.path):
            with entry.open() as stream:
                data = stream.read()
            if data.startswith(_POINTER):
                pointers.append(entry.path)
                continue
            entry = replace(entry, open=partial(_reopen, data))
        yield entry


def _reopen(data: bytes) -> IO[bytes]:
    return BytesIO(data)
