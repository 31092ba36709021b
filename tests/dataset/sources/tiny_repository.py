"""A bare git repository on this machine, filled without a working tree."""

import os
import subprocess
from pathlib import Path

ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in
       {"NAME": "a", "EMAIL": "a@b.c", "DATE": "2020-01-01T00:00:00Z"}.items()},
}  # fmt: skip


class TinyRepository:
    """A bare repository; `commit` returns the id of a new commit on the branch main."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.address = path.resolve().as_uri()
        path.mkdir(parents=True)
        self.git("init", "--quiet", "--bare", "--initial-branch=main", ".")

    def git(self, *arguments: str, data: bytes | None = None) -> str:
        """Run git in the repository; its output."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, input=data, capture_output=True, check=True, env=ENVIRONMENT
        )
        return done.stdout.decode().strip()

    def commit(self, files: dict[str, bytes], links: dict[str, str] | None = None, submodule: str | None = None) -> str:
        """Commit `files` and `links` (name → target), in place of the files of the last commit."""
        self.git("read-tree", "--empty")
        for name, data in files.items():
            self._add("100644", self.git("hash-object", "-w", "--stdin", data=data), name)
        for name, target in (links or {}).items():
            self._add("120000", self.git("hash-object", "-w", "--stdin", data=target.encode()), name)
        if submodule:
            self._add("160000", "1" * 40, submodule)
        tree = self.git("write-tree")
        parents = self.git("for-each-ref", "--format=%(objectname)", "refs/heads/main").split()
        arguments = [word for parent in parents for word in ("-p", parent)]
        commit = self.git("commit-tree", tree, *arguments, "-m", "x")
        self.git("update-ref", "refs/heads/main", commit)
        self.git("update-server-info")
        return commit

    def _add(self, mode: str, object_id: str, name: str) -> None:
        self.git("update-index", "--add", "--cacheinfo", f"{mode},{object_id},{name}")
