"""Journals of runs, sent to MLflow line by line; what has been sent is noted, so that nothing is sent twice."""

import fcntl
import json
import shutil
import socket
from pathlib import Path
from typing import Any

from drumspace.tracking import store
from drumspace.tracking.parent_run import find_or_create_parent, home_of
from drumspace.tracking.run import JOURNALS, enabled, warn


def track(root: Path) -> None:
    """Send all journals of the repository at `root`, as `drumspace track` does."""
    pending = sorted((home_of(root) / JOURNALS).glob("*.jsonl"))
    if pending and enabled():
        send_all(*pending)


def send_all(*paths: Path) -> bool:
    """Send the new lines of journals; whether that went well. A failure is warned of, and the journals stay."""
    home = paths[0].parents[2]
    try:
        client = store.connect(home)
        with paths[0].with_name("lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for path in filter(Path.is_file, paths):
                send(client, home, path)
    except Exception as error:  # whatever MLflow or the disk raise
        warn(error)
        return False
    return True


def send(client: "store.MlflowClient", home: Path, journal: Path) -> None:
    """Send the new lines of a journal; remove it once its run has ended or its process is dead."""
    events = [json.loads(line) for line in journal.read_text(encoding="utf-8").split("\n")[:-1]]
    if not events:
        return  # the process is about to write the first line, or was killed before
    note = journal.with_suffix(".sent")
    sent = json.loads(note.read_text()) if note.is_file() else create_run(client, home, events[0])
    note.write_text(json.dumps({**sent, "lines": len(events)}))
    send_events(client, sent, events[sent["lines"] :])
    last = events[-1]
    host, _, process = events[0]["value"]["tags"]["drumspace.process"].rpartition(":")
    is_killed = host == socket.gethostname() and not Path(f"/proc/{process}").exists()
    if last["event"] == "end" or is_killed:
        status = last["value"] if last["event"] == "end" else "KILLED"
        for run_id in (sent["run"], sent["parent"]):
            client.set_terminated(run_id, status, last["time"])
        journal.unlink()
        note.unlink()
        shutil.rmtree(journal.with_suffix(""), ignore_errors=True)


def create_run(client: "store.MlflowClient", home: Path, event: dict[str, Any]) -> dict[str, Any]:
    """Create the run of a journal's first line, under its parent: the ids of both, and the number of lines sent."""
    start = event["value"]
    parent = find_or_create_parent(client, home, start["parent"], event["time"])
    client.update_run(parent, status="RUNNING")
    experiment = store.experiment_id(client, home, start["experiment"])
    run_id = client.create_run(experiment, event["time"], run_name=start["name"]).info.run_id
    tags = start["parent"]["tags"] | start["tags"]
    store.log(client, run_id, tags={**tags, "mlflow.parentRunId": parent, "drumspace.parent": parent})
    store.log(client, parent, tags={f"stage/{start['tags']['drumspace.stage'].replace('@', '/')}": run_id})
    return {"run": run_id, "parent": parent, "lines": 1}


def send_events(client: "store.MlflowClient", sent: dict[str, Any], events: list[dict[str, Any]]) -> None:
    """Send lines of a journal: params, tags and metrics in few requests, then the figures."""
    values: dict[str, dict[str, str]] = {"params": {}, "tags": {}}
    points: dict[str, list[tuple[str, float, int, int]]] = {"metrics": [], "summary": []}
    for event in events:
        if event["event"] in values:
            values[event["event"]] |= event["value"]
        elif event["event"] in points:
            points[event["event"]] += [(*pair, event["time"], event["step"]) for pair in event["value"].items()]
        elif event["event"] == "figure":
            client.log_artifact(sent["run"], event["value"], "figures")
    store.log(client, sent["run"], values["params"], values["tags"], points["metrics"])
    store.log(client, sent["parent"], points=points["summary"])
