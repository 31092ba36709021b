"""Every stage's run in MLflow: found again by its key, never in the way of the stage.

Environment: DRUMSPACE_TRACKING=off turns tracking off; MLFLOW_TRACKING_URI names another store than mlflow.db
at the repository's root.

Experiment `drumspace` holds one parent run for each `make repro` or `dvc exp run`; the experiment of a
stage's name holds its runs, tagged drumspace.parent (and mlflow.parentRunId, which MLflow's pages follow).
`drumspace track` (track_skipped.py) completes the parents. tracking_keys.py says which run is which,
tracking_store.py talks to MLflow.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drumspace.tracking import context as keys
from drumspace.tracking import store as store

if TYPE_CHECKING:
    from mlflow import MlflowClient

log = logging.getLogger("drumspace")


class Run:
    """A stage's run. Its methods never raise: the first failure is warned of and ends this run's tracking."""

    def __init__(self, client: "MlflowClient | None" = None, run_id: str = "", parent_id: str = "") -> None:
        """Without a client, a run that tracks nothing."""
        self._client, self.run_id, self._parent_id = client, run_id, parent_id

    def params(self, tree: Mapping[str, Any]) -> None:
        """Log nested params under dotted names, lists as JSON; values are cut, visibly, at 6,000 signs."""
        self._try(lambda client: store.log_params(client, self.run_id, tree))

    def metrics(self, tree: Mapping[str, Any], step: int | None = None) -> None:
        """Log the finite numbers of nested metrics under dotted names.

        What is no number is left out; so are lists of more than 16 and lists of lists: these are tables.
        """
        self._try(lambda client: store.log_metrics(client, self.run_id, tree, step))

    def figure(self, path: Path) -> None:
        """Keep a copy of the file `path` among the run's artefacts, under figures/."""
        self._try(lambda client: client.log_artifact(self.run_id, str(path), "figures"))

    def tag(self, key: str, value: str) -> None:
        """Set one tag."""
        self._try(lambda client: store.log_tags(client, self.run_id, {key: value}))

    def end(self, status: str) -> None:
        """Close the run and its parent as FINISHED, FAILED or KILLED."""
        self._try(lambda client: client.set_terminated(self.run_id, status))
        self._try(lambda client: client.set_terminated(self._parent_id, status))

    def _try(self, call: "Callable[[MlflowClient], Any]") -> None:
        client = self._client
        if client is None:
            return
        try:
            store.retry_once(lambda: call(client))
        except Exception as error:
            self._client = None
            warn(error)


@contextmanager
def stage_run(stage: str, item: str | None) -> Iterator[Run]:
    """Track the block as a run of the experiment `stage`; `item` is the variant of a matrix stage.

    What the block raises marks the run FAILED and goes on; what tracking raises is warned of, once.
    """
    run = Run()
    if enabled():
        try:
            run = start(stage, item)
        except Exception as error:
            warn(error)
    status = "FAILED"
    try:
        yield run
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        run.end(status)


def start(stage: str, item: str | None) -> Run:
    """Open the run of a stage under its parent. Raises whatever MLflow, git or the disk raise."""
    context = keys.read_context(keys.workspace(Path.cwd()))
    client = store.connect(context)
    with store.locked(context.home):
        parent_id = store.find_or_create_parent(client, context)
        experiment_id = store.find_or_create_experiment(client, context, stage)
    address = os.environ.get("DVC_STAGE") or (f"{stage}@{item}" if item else stage)
    tags = {
        **context.tags,
        "mlflow.parentRunId": parent_id,
        "mlflow.source.type": "LOCAL",
        "mlflow.source.name": Path(sys.argv[0]).name,
        "drumspace.parent": parent_id,
        "drumspace.stage": address,
        "drumspace.process": keys.process(),
    }
    entry = keys.stage_entry(context.root, address) if os.environ.get("DVC_STAGE") else {}
    if entry:
        tags |= {"drumspace.stage_key": keys.stage_key(entry), **keys.digests("dep", entry.get("deps", []))}
    run_id = store.create_run(client, experiment_id, item or stage, tags)
    client.update_run(parent_id, status="RUNNING")
    return Run(client, run_id, parent_id)


def enabled() -> bool:
    """False where DRUMSPACE_TRACKING says off, and in all but the first process of a distributed training."""
    wanted = os.environ.get("DRUMSPACE_TRACKING", "on").lower() not in ("off", "0", "false", "no")
    return wanted and os.environ.get("RANK", "0") == "0"


def warn(error: Exception) -> None:
    """The one warning of a failure to track."""
    reason = (str(error).strip().splitlines() or [""])[0][:200]
    log.warning(
        "MLflow tracking failed and is off from here (%s: %s). The results do not depend on it. Check "
        "MLFLOW_TRACKING_URI or mlflow.db, or set DRUMSPACE_TRACKING=off.",
        type(error).__name__,
        reason,
    )
