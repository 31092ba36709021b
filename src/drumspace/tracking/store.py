"""MLflow's store: the connection, experiments, runs, and MLflow's limits on keys and values.

mlflow is imported inside functions alone: the import takes seconds, which a process that sends nothing must not pay.
"""

import os
import posixpath
import re
import socket
import sqlite3
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drumspace.io.atomic import atomic_path

if TYPE_CHECKING:
    from mlflow import MlflowClient

Texts = Mapping[str, str]
NONE: Texts = {}
Points = Iterable[tuple[str, float, int, int]]  # name, value, time in ms, step
PARAM_LENGTH, TAG_LENGTH, KEY_LENGTH = 6000, 8000, 250
PATIENCE = 10.0  # seconds to wait for a database that another process holds
BATCH = 100  # the most params, tags or points in one request, by MLflow's rules
# Set unless the user did: no telemetry, and a server that is down costs seconds instead of MLflow's minutes.
ENVIRONMENT = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
               "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1"}  # fmt: skip


def tracking_uri(home: Path) -> str:
    """MLFLOW_TRACKING_URI, or mlflow.db in `home`; a relative SQLite path counts from `home` too."""
    uri = os.environ.get("MLFLOW_TRACKING_URI") or "sqlite:///mlflow.db"
    path = uri.removeprefix("sqlite:///")
    return uri if path == uri else f"sqlite:///{home / path}"


def connect(home: Path) -> "MlflowClient":
    """A client of the store. Raises within seconds where a server is down or the database can't be written.

    MLflow creates a database in many steps; killed amid them it leaves one that can't be opened: so a new one gets its
    name when it is complete. And MLflow tries for minutes to open a locked one: so the lock is tried first.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    uri = tracking_uri(home)
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https") and parts.scheme not in urllib.request.getproxies():
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        socket.create_connection((parts.hostname or "", port), timeout=3).close()
    from mlflow import MlflowClient

    database = Path(uri.removeprefix("sqlite:///"))
    if parts.scheme == "sqlite" and database.is_file() and database.stat().st_size:
        with closing(sqlite3.connect(database, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
    elif parts.scheme == "sqlite":
        with atomic_path(database) as temporary:
            MlflowClient(f"sqlite:///{temporary}").search_experiments(max_results=1)
    return MlflowClient(uri)


def experiment_id(client: "MlflowClient", home: Path, name: str) -> str:
    """The id of the experiment `name`, which is created, or restored where it was deleted."""
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        folder = (home / "mlartifacts" / name).as_uri() if tracking_uri(home).startswith("sqlite:") else None
        return str(client.create_experiment(name, artifact_location=folder))
    if experiment.lifecycle_stage == "deleted":
        client.restore_experiment(experiment.experiment_id)
    return str(experiment.experiment_id)


def valid_key(name: str) -> str:
    """`name` as MLflow accepts it: other characters become _, no path leads upwards, 250 characters."""
    return posixpath.normpath(re.sub(r"[^\w\-. :/]", "_", name)).lstrip("./")[:KEY_LENGTH] or "_"


def cut(text: str, length: int) -> str:
    """`text`, or its beginning with a note of its full length, within `length` characters."""
    note = f" … [cut: {len(text)} characters]"
    return text if len(text) <= length else text[: length - len(note)] + note


def log(client: "MlflowClient", run_id: str, params: Texts = NONE, tags: Texts = NONE, points: Points = ()) -> None:
    """Log params and tags, keys made valid and long values cut, and points."""
    from mlflow.entities import Metric, Param, RunTag

    entities: dict[str, Any] = {
        "params": [Param(valid_key(key), cut(text, PARAM_LENGTH)) for key, text in params.items()],
        "tags": [RunTag(valid_key(key), cut(text, TAG_LENGTH)) for key, text in tags.items()],
        "metrics": [Metric(valid_key(name), value, time, step) for name, value, time, step in points],
    }
    for kind, items in entities.items():
        for start in range(0, len(items), BATCH):
            client.log_batch(run_id, **{kind: items[start : start + BATCH]})
