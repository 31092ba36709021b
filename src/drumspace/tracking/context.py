"""Which run is which: the keys of parent runs and stages, from git, DVC and params.yaml; nothing of MLflow.

dvc is imported inside a function: a command that tracks nothing must not pay for it.
"""

import hashlib
import json
import os
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What a run itself writes, and what no stage reads: neither makes a tree dirty.
NO_INPUTS = (":!dvc.lock", ":!reports", ":!tests", ":!*.md", ":(exclude,glob)**/.gitignore")


@dataclass(frozen=True)
class Context:
    """Where this process works and which parent its runs belong to."""

    root: Path
    """The working copy: under `dvc exp run --temp`, DVC's temporary one."""
    home: Path
    """The user's own copy, which holds the database."""
    key: str
    """Identifies the parent run."""
    name: str
    tags: dict[str, str]


def workspace(start: Path) -> Path:
    """The DVC repository that holds `start`; `start` itself where there is none."""
    return next((folder for folder in (start, *start.parents) if (folder / ".dvc").is_dir()), start)


def home_of(root: Path) -> Path:
    """The user's repository, also from a copy that `dvc exp run --temp` or the queue made."""
    before, marker, _ = root.as_posix().partition("/.dvc/tmp/exps/")
    if marker:
        return Path(before)
    if os.environ.get("DVC_EXP_NAME") and os.environ.get("DVC_ROOT"):
        return Path(os.environ["DVC_ROOT"])
    return root


def read_context(root: Path) -> Context:
    """The parent of a run in `root`: its DVC experiment, else commit, params and what is not committed."""
    commit = git(root, "rev-parse", "--verify", "--quiet", "HEAD").strip() or "none"
    changes = git(root, "diff", "HEAD", "--no-color", "--no-ext-diff", "--", ".", *NO_INPUTS)
    untracked = git(root, "ls-files", "--others", "--exclude-standard", "--", ".", *NO_INPUTS)
    params = root / "params.yaml"
    text = params.read_bytes() if params.is_file() else b""
    tags = {
        "mlflow.source.git.commit": commit,
        "drumspace.commit": commit,
        "drumspace.dirty": "true" if changes or untracked else "false",
        "drumspace.io.settings": digest(text),
    }
    experiment, baseline = os.environ.get("DVC_EXP_NAME", ""), os.environ.get("DVC_EXP_BASELINE_REV", "")
    if experiment:
        tags["DVC_EXP_NAME"] = experiment
        key, name = experiment_key(experiment, baseline), experiment
    else:
        key = digest(f"repro {commit} {digest(text)} {digest(changes.encode())}".encode())
        name = f"repro {commit[:7]} {key[:7]}"
    return Context(root, home_of(root), key, name, {**tags, "drumspace.parent_key": key})


def experiment_key(name: str, baseline: str) -> str:
    """The parent's key for a DVC experiment: its name is unique among those of one baseline commit."""
    return digest(f"exp {name} {baseline}".encode())


def stage_entry(root: Path, address: str) -> dict[str, Any]:
    """What DVC will write to dvc.lock for the stage that runs now: its command, deps and params."""
    from dvc.repo import Repo
    from dvc.stage.serialize import to_single_stage_lockfile

    with Repo(str(root)) as repo:
        stage = repo.stage.load_one(str(root / "dvc.yaml"), address.rpartition(":")[2])
        stage.save_deps()
        return dict(to_single_stage_lockfile(stage))


def stage_key(entry: Mapping[str, Any]) -> str:
    """Hash of a stage's command, deps and params: the same before it runs as from dvc.lock afterwards."""
    from drumspace.io.settings import plain

    deps = sorted((dep["path"], checksum(dep)) for dep in entry.get("deps", []))
    content = {"cmd": entry.get("cmd"), "deps": deps, "params": plain(entry.get("params", {}))}
    return digest(json.dumps(content, sort_keys=True, default=str).encode())


def checksum(item: Mapping[str, Any]) -> str:
    """The hash that DVC holds of a dep or an out; empty where it has none yet."""
    return str(item.get("md5") or item.get("etag") or item.get("checksum") or "")


def digests(kind: str, items: list[dict[str, Any]]) -> dict[str, str]:
    """Tags `kind/path` with DVC's hash of each item; code is left out: commit and stage key tell of it."""
    return {f"{kind}/{item['path']}": checksum(item) for item in items if not item["path"].endswith(".py")}


def digest(data: bytes) -> str:
    """16 hexadecimal digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]


def git(root: Path, *arguments: str) -> str:
    """What git prints in `root`; empty where it fails or is missing."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, env=environment, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def process() -> str:
    """Host and number of this process: a run that was killed can be told from one that still works."""
    return f"{socket.gethostname()}:{os.getpid()}"
