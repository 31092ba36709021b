"""A stage's run: a journal in .cache/tracking/, which `drumspace track` sends to MLflow.

DRUMSPACE_TRACKING=off turns tracking off; MLFLOW_TRACKING_URI names another store than mlflow.db in the repository.
"""

import json
import logging
import math
import numbers
import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drumspace.io.settings import read_yaml
from drumspace.tracking.parent_run import home_of, read_parent

log = logging.getLogger("drumspace")
JOURNALS = Path(".cache/tracking")
LONGEST_METRIC_LIST = 16
LIVE_AFTER = 60.0
"""Seconds after which a run sends its journal itself, and the interval from then on: long trainings can be watched."""


class Run:
    """A stage's run. Its methods never raise: the first failure is warned of and ends this run's tracking."""

    def __init__(self, journal: Path | None = None) -> None:
        """Without a journal, a run that tracks nothing."""
        self._journal = journal
        self._next_upload, self._is_live = time.monotonic() + LIVE_AFTER, False

    def params(self, tree: Mapping[str, Any]) -> None:
        """Log nested settings under dotted names, lists as JSON."""
        self.write("params", dict(leaves(tree)))

    def metrics(self, tree: Mapping[str, Any], step: int | None = None) -> None:
        """Log the finite numbers of nested metrics under dotted names; long lists and lists of lists are left out."""
        self.write("metrics", dict(numbers_in(tree)), step=step or 0)

    def summary(self, tree: Mapping[str, Any]) -> None:
        """Log the finite numbers of nested metrics to the parent run."""
        self.write("summary", dict(numbers_in(tree)), step=0)

    def figure(self, path: Path) -> None:
        """Keep a copy of the file `path` among the run's artefacts, under figures/."""
        self.write("figure", path)

    def tag(self, key: str, value: str) -> None:
        """Set one tag."""
        self.write("tags", {key: value})

    def write(self, event: str, value: Any, **more: Any) -> None:
        """Append a line to the journal, and send the journal where it is time to."""
        if self._journal is None:
            return
        try:
            if event == "figure":
                copy = self._journal.with_suffix("") / str(time.monotonic_ns()) / value.name
                copy.parent.mkdir(parents=True)
                value = str(shutil.copy(value, copy))
            line = json.dumps({"time": int(time.time() * 1000), "event": event, "value": value, **more}, default=str)
            with self._journal.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except Exception as error:  # tracking must never break a stage, whatever the disk does
            self._journal = None
            return warn(error)
        if time.monotonic() >= self._next_upload or (event == "end" and self._is_live):
            from drumspace.tracking.upload import send_all  # imports this module

            self._is_live = send_all(self._journal)
            self._next_upload = time.monotonic() + LIVE_AFTER if self._is_live else math.inf


@contextmanager
def stage_run(stage: str, item: str | None) -> Iterator[Run]:
    """Track the block as a run of the experiment `stage`; `item` is the variant of a matrix stage.

    An exception of the block marks the run FAILED and goes on; one of tracking is warned of, once.
    """
    run = Run()
    try:
        run = start(stage, item) if enabled() else run
    except Exception as error:  # tracking must never break a stage, whatever git or the disk do
        warn(error)
    status = "FAILED"
    try:
        yield run
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        run.write("end", status)


def start(stage: str, item: str | None) -> Run:
    """Begin the journal of a stage's run. Raises OSError where it can't be written."""
    parent, settings = read_parent(Path.cwd()), Path("params.yaml")
    address = os.environ.get("DVC_STAGE") or (f"{stage}@{item}" if item else stage)
    tags = {"drumspace.stage": address.rpartition(":")[2], "drumspace.process": f"{socket.gethostname()}:{os.getpid()}"}
    parent["params"] = dict(leaves(read_yaml(settings))) if settings.is_file() else {}
    journal = home_of(Path.cwd()) / JOURNALS / f"{time.time_ns()}-{os.getpid()}.jsonl"
    journal.parent.mkdir(parents=True, exist_ok=True)
    run = Run(journal)
    run.write("start", {"experiment": stage, "name": item or stage, "tags": tags, "parent": parent})
    return run


def enabled() -> bool:
    """False where DRUMSPACE_TRACKING is off, and in all but the first process of a distributed training."""
    is_off = os.environ.get("DRUMSPACE_TRACKING", "on").lower() in ("off", "0", "false", "no")
    return not is_off and os.environ.get("RANK", "0") == "0"


def warn(error: Exception) -> None:
    """Warn of a failure to track; the log's debug level has the traceback."""
    log.warning(
        "MLflow tracking failed (%s: %s). The results do not depend on it. Check MLFLOW_TRACKING_URI or mlflow.db, or "
        "set DRUMSPACE_TRACKING=off. `drumspace track` sends what .cache/tracking/ holds.",
        type(error).__name__,
        (str(error).strip().splitlines() or [""])[0][:200],
    )
    log.debug("the failure of tracking", exc_info=error)


def leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Dotted names and values of nested mappings; values other than text are JSON."""
    for key, value in tree.items():
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        yield from leaves(value, f"{prefix}{key}.") if isinstance(value, Mapping) else [(f"{prefix}{key}", text)]


def numbers_in(tree: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Dotted names and values of the finite numbers of nested mappings, and of short lists of numbers in them."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from numbers_in(value, f"{name}.{key}" if name else str(key))
    elif isinstance(tree, list | tuple) and len(tree) <= LONGEST_METRIC_LIST:
        for index, value in enumerate(tree):
            yield from numbers_in(value, f"{name}.{index}") if isinstance(value, numbers.Real) else ()
    elif isinstance(tree, numbers.Real) and not isinstance(tree, bool) and math.isfinite(tree):
        yield name, float(tree)
