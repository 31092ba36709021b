"""Run a package client of this machine (pip, npm, apt-get, dpkg-deb)."""

import logging
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from drumspace.dataset.sources.record import Unavailable

log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
LIMIT_SECONDS = 1800
"""A client that works longer than this hangs."""


class ClientError(Unavailable):
    """A client ended with an error."""

    def __init__(self, client: str, code: int, stderr: str) -> None:
        """`stderr` is for the log and for the caller to look into; the record only gets the exit status."""
        super().__init__(f"{client} failed (exit status {code})", temporary=True)
        self.stderr = stderr


def require(client: str) -> str:
    """The client's program. Raises Unavailable where this machine has none of that name."""
    program = shutil.which(client)
    if program is None:
        raise Unavailable(f"{client} is not installed on this machine")
    return program


def run(
    client: str, command: Sequence[str | Path], folder: Path, report_progress: Callable[[str], None] | None = None
) -> str:
    """Run `command` in `folder` and return what it printed.

    `client` names it in messages; `report_progress` is told the bytes in `folder` as they grow. Raises ClientError.
    """
    environment = {**os.environ, "LC_ALL": "C"}
    start = time.monotonic()
    with subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        try:
            while True:
                try:
                    stdout, stderr = process.communicate(timeout=POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    if time.monotonic() - start > LIMIT_SECONDS:
                        raise Unavailable(
                            f"{client} did not finish within {LIMIT_SECONDS // 60} minutes", temporary=True
                        ) from None
                    if report_progress:
                        report_progress(f"{_size(folder) / 1e6:.0f} MB")
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        log.info("stderr of %s: %s", client, " ".join(stderr.split())[-500:] or "empty")
        raise ClientError(client, process.returncode, stderr)
    return stdout


def _size(folder: Path) -> int:
    """Bytes of all files in a folder that changes meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total
