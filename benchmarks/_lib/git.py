"""Git commands in the repository, to record the commit of a measurement."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def git(*words: str, cwd: Path = ROOT) -> str:
    """Run a git command in `cwd`; its output without surrounding white space."""
    return subprocess.run(["git", *words], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


def head() -> str:
    """Hash of the last commit."""
    return git("rev-parse", "HEAD")
