"""Run the clients installed on this machine (pip, npm, apt-get, dpkg-deb, git)."""

import logging
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from drumspace.dataset.sources.record import Unavailable

log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
LIMIT_SECONDS = 1800
"""A client that runs longer (s) is considered hung and is stopped."""


class ClientError(Unavailable):
    """Error of a client that exited with a non-zero status."""

    def __init__(self, client: str, code: int, stderr: str) -> None:
        """Keep `stderr` for the caller; the message, which goes into sources.json, holds the exit status only."""
        super().__init__(f"{client} failed (exit status {code})", temporary=True)
        self.stderr = stderr


def require(client: str) -> str:
    """Path of the client's program. Raises Unavailable if it is not installed."""
    program = shutil.which(client)
    if program is None:
        raise Unavailable(f"{client} is not installed on this machine")
    return program


def run(
    client: str,
    command: Sequence[str | Path],
    folder: Path,
    report_progress: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run `command` in `folder` and return its standard output.

    `client` is the name for messages. `report_progress` is called with the size of `folder` while the command runs.
    `environment`: all variables of the command; None for those of this process. Raises ClientError, and Unavailable
    after LIMIT_SECONDS.
    """
    start = time.monotonic()
    with subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        env={**(os.environ if environment is None else environment), "LC_ALL": "C"},
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
    """Total size (bytes) of the files in a folder; files that disappear meanwhile are skipped."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total
