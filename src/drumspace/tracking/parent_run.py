"""The parent run in MLflow, to which the stages of one pipeline run belong: its identity and its creation."""

import hashlib
import logging
import os
import subprocess
from pathlib import Path
from typing import Any

from drumspace.tracking import store

log = logging.getLogger("drumspace")
# Written by a run itself and read by no stage: neither makes a tree dirty.
NO_INPUTS = (":!dvc.lock", ":!reports", ":!tests", ":!*.md", ":(exclude,glob)**/.gitignore")


def home_of(root: Path) -> Path:
    """The user's repository, also from a copy that `dvc exp run --temp` or the queue made."""
    before, marker, _ = root.as_posix().partition("/.dvc/tmp/exps/")
    in_queue = os.environ.get("DVC_EXP_NAME") and os.environ.get("DVC_ROOT")
    return Path(before) if marker else Path(os.environ["DVC_ROOT"]) if in_queue else root


def read_parent(root: Path) -> dict[str, Any]:
    """Key, name and tags of the parent of a run in `root`: its DVC experiment, else the state of the repository.

    The commit and whether the tree is dirty are `unknown` where git is missing or fails.
    """
    commit = (git(root, "rev-parse", "--verify", "--quiet", "HEAD") or "unknown").strip()
    changes = git(root, "diff", "HEAD", "--no-color", "--no-ext-diff", "--", ".", *NO_INPUTS)
    untracked = git(root, "ls-files", "--others", "--exclude-standard", "--", ".", *NO_INPUTS)
    dirty = "unknown" if changes is None or untracked is None else str(bool(changes or untracked)).lower()
    settings = digest((root / "params.yaml").read_bytes() if (root / "params.yaml").is_file() else b"")
    tags = {"mlflow.source.git.commit": commit, "drumspace.commit": commit, "drumspace.dirty": dirty}
    if name := os.environ.get("DVC_EXP_NAME", ""):
        tags["DVC_EXP_NAME"] = name
        key = digest(f"exp {name} {os.environ.get('DVC_EXP_BASELINE_REV', '')}".encode())
    else:
        key = digest(f"repro {commit} {settings} {digest((changes or '').encode())}".encode())
        name = f"repro {commit[:7]} {key[:7]}"
    return {"key": key, "name": name, "tags": {**tags, "drumspace.settings": settings, "drumspace.parent_key": key}}


def find_or_create_parent(client: "store.MlflowClient", home: Path, parent: dict[str, Any], start: int) -> str:
    """The run id of the parent {key, name, tags, params}, created where it is new, with the time `start` (ms)."""
    experiment = store.experiment_id(client, home, "drumspace")
    runs = client.search_runs([experiment], f"tags.`drumspace.parent_key` = '{parent['key']}'", max_results=1)
    run_id = str((runs or [client.create_run(experiment, start, run_name=parent["name"])])[0].info.run_id)
    if not runs:
        store.log(client, run_id, parent["params"], parent["tags"])
    return run_id


def digest(data: bytes) -> str:
    """The first 16 hexadecimal digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]


def git(root: Path, *arguments: str) -> str | None:
    """The output of git in `root`; None where it fails or is missing."""
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(["git", *arguments], cwd=root, env=environ, capture_output=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        log.debug("git %s failed", arguments[0], exc_info=True)
        return None
    return done.stdout.decode("utf-8", "replace")
