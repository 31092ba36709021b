"""Talking to MLflow: reach the store, find or create parents and experiments, log within MLflow's limits.

mlflow is imported inside functions only: it costs seconds that a command which tracks nothing must not pay.
"""

import fcntl
import json
import logging
import math
import numbers
import os
import posixpath
import re
import socket
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drumspace.tracking.context import Context

if TYPE_CHECKING:
    from mlflow import MlflowClient

PARENTS = "drumspace"
"""The experiment of the parent runs."""
BATCH = 100
PARAM_LENGTH = 6000
TAG_LENGTH = 8000
KEY_LENGTH = 250
LONGEST_METRIC_LIST = 16
PATIENCE = 10.0
"""Seconds to wait for a database that another process holds."""

# Set unless the user did: no telemetry, and a server that is down costs seconds instead of MLflow's minutes.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "DVC_NO_ANALYTICS": "1",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
}


def tracking_uri(home: Path) -> str:
    """MLFLOW_TRACKING_URI, or mlflow.db in `home`; a relative SQLite path counts from `home` too."""
    uri = os.environ.get("MLFLOW_TRACKING_URI") or "sqlite:///mlflow.db"
    path = uri.removeprefix("sqlite:///")
    return uri if path == uri else f"sqlite:///{home / path}"


def served(uri: str) -> bool:
    """Whether a server holds the store, not a database that is opened from here."""
    return urlsplit(uri).scheme in ("http", "https", "databricks")


def connect(context: Context) -> "MlflowClient":
    """A client of the store, which is created where it does not exist.

    Raises OSError, sqlite3.Error or MlflowException where it can't be reached.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    uri = tracking_uri(context.home)
    if served(uri):
        probe_server(uri)
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    from mlflow import MlflowClient

    # MLflow tells of its migrations, and logs a traceback for each error that our one warning covers.
    for name, level in {"mlflow": logging.CRITICAL, "alembic": logging.WARNING}.items():
        logging.getLogger(name).setLevel(level)
    with locked(context.home):
        if uri.startswith("sqlite:///"):
            prepare_database(Path(uri.removeprefix("sqlite:///").partition("?")[0]))
        return MlflowClient(uri)


def probe_server(uri: str) -> None:
    """Fail at once where no server listens, before mlflow is imported; behind a proxy MLflow finds out."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https") and parts.scheme not in urllib.request.getproxies():
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=3).close()


def prepare_database(path: Path) -> None:
    """Create the SQLite database at `path`, or fail within seconds where it can't be written.

    MLflow creates it in many steps; killed amid them it leaves one that no later run can open. So a new one
    gets its name when it is complete. And a locked or unwritable one MLflow tries to open for minutes.
    """
    from mlflow import MlflowClient

    from drumspace.io.atomic import atomic_path

    if path.is_file() and path.stat().st_size:
        probe_database(path)
        return
    with atomic_path(path) as temporary:
        probe_database(temporary)
        MlflowClient(f"sqlite:///{temporary}")


def probe_database(path: Path) -> None:
    """Take and release the right to write. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@contextmanager
def locked(home: Path, patience: float = 30) -> Iterator[None]:
    """Hold .cache/tracking.lock, for at most one parent a key; after `patience` seconds go on without."""
    path = home / ".cache" / "tracking.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.05)
        yield


def retry_once(call: Callable[[], Any]) -> Any:
    """Call; once more where another process held the database and that was found out at once."""
    began = time.monotonic()
    try:
        return call()
    except Exception as error:
        if "locked" not in str(error) or time.monotonic() - began > 5:
            raise
        time.sleep(0.5)
        return call()


def find_or_create_experiment(client: "MlflowClient", context: Context, name: str) -> str:
    """Id of the experiment `name`, brought back where it was deleted."""
    found = client.get_experiment_by_name(name)
    if found is None:
        remote = served(tracking_uri(context.home))
        location = None if remote else (context.home / "mlartifacts" / name).as_uri()
        return str(client.create_experiment(name, artifact_location=location))
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)


def create_run(client: "MlflowClient", experiment_id: str, name: str, tags: Mapping[str, str]) -> str:
    """Id of a new run with any number of tags."""
    first, *rest = batches(list(clean_tags(tags).items()))
    run = retry_once(lambda: client.create_run(experiment_id, tags=dict(first), run_name=name))
    for more in rest:
        log_tags(client, run.info.run_id, dict(more))
    return str(run.info.run_id)


def find_parent(client: "MlflowClient", experiment_id: str, key: str) -> str | None:
    """Run id of the parent with this key."""
    query = f"tags.`drumspace.parent_key` = '{key}'"
    found = client.search_runs([experiment_id], query, max_results=1, order_by=["attributes.start_time ASC"])
    return str(found[0].info.run_id) if found else None


def find_or_create_parent(client: "MlflowClient", context: Context) -> str:
    """Run id of the context's parent run; a new one carries all of params.yaml. Call it under `locked`."""
    from drumspace.io.settings import read_yaml

    experiment_id = find_or_create_experiment(client, context, PARENTS)
    run_id = find_parent(client, experiment_id, context.key)
    if run_id is None:
        run_id = create_run(client, experiment_id, context.name, context.tags)
        if (context.root / "params.yaml").is_file():
            log_params(client, run_id, read_yaml(context.root / "params.yaml"))
    return run_id


def flatten(tree: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and leaves of nested mappings and of lists that hold mappings; other lists are leaves."""
    if isinstance(tree, Mapping):
        children = [(str(key), value) for key, value in tree.items()]
    elif isinstance(tree, list | tuple) and any(isinstance(value, Mapping) for value in tree):
        children = [(str(index), value) for index, value in enumerate(tree)]
    else:
        yield prefix, tree
        return
    for key, value in children:
        yield from flatten(value, f"{prefix}.{key}" if prefix else key)


def valid_key(name: str) -> str:
    """`name` as MLflow accepts it: other characters become _, no path leads upwards, 250 characters."""
    name = posixpath.normpath(re.sub(r"[^\w\-. :/]", "_", name)).lstrip("./")
    return name[:KEY_LENGTH] or "_"


def cut(text: str, length: int) -> str:
    """`text`, or its beginning with a note of its full length, within `length` characters."""
    note = f" … [cut: {len(text)} characters]"
    return text if len(text) <= length else text[: length - len(note)] + note


def batches(items: list[Any]) -> Iterator[list[Any]]:
    """`items` in lists of at most 100."""
    for begin in range(0, len(items), BATCH):
        yield items[begin : begin + BATCH]


def log_params(client: "MlflowClient", run_id: str, tree: Mapping[str, Any]) -> None:
    """See Run.params."""
    from mlflow.entities import Param

    texts = {
        valid_key(key): cut(value if isinstance(value, str) else json.dumps(value, default=str), PARAM_LENGTH)
        for key, value in flatten(tree)
    }
    for batch in batches([Param(key, text) for key, text in texts.items()]):
        client.log_batch(run_id, params=batch)


def log_metrics(client: "MlflowClient", run_id: str, tree: Mapping[str, Any], step: int | None = None) -> None:
    """See Run.metrics."""
    from mlflow.entities import Metric

    leaves: dict[str, Any] = {}
    for key, value in flatten(tree):
        if isinstance(value, list | tuple) and len(value) <= LONGEST_METRIC_LIST:
            leaves |= {f"{key}.{index}": entry for index, entry in enumerate(value)}
        else:
            leaves[key] = value
    now = int(time.time() * 1000)
    metrics = [
        Metric(valid_key(key), float(value), now, step or 0)
        for key, value in leaves.items()
        if isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
    ]
    for batch in batches(metrics):
        client.log_batch(run_id, metrics=batch)


def clean_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """`tags` with valid keys and with values of at most 8,000 characters."""
    return {valid_key(key): cut(str(value), TAG_LENGTH) for key, value in tags.items()}


def log_tags(client: "MlflowClient", run_id: str, tags: Mapping[str, str]) -> None:
    """Set tags; their keys are made valid, long values cut."""
    from mlflow.entities import RunTag

    for batch in batches([RunTag(key, value) for key, value in clean_tags(tags).items()]):
        client.log_batch(run_id, tags=batch)
