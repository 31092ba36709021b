"""`drumspace track`: the last step of `make repro`, repeatable. It completes the parent runs in MLflow.

DVC runs no code for a stage that it skips, and writes a stage's outs to dvc.lock after the stage has ended.
So this step reads dvc.lock, says in the parent which run made what stands there, stage by stage, adds the outs'
hashes to that run, and gives the parent the figures of reports/metrics/ beside its params, so that parents can be
compared as `dvc exp show` compares experiments: for the working tree, and for each tracked DVC experiment, whose
dvc.lock and figures git holds.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drumspace.tracking import context as keys
from drumspace.tracking import run as tracking
from drumspace.tracking import store as store

if TYPE_CHECKING:
    from mlflow import MlflowClient

ELSEWHERE = "made elsewhere"
FIGURES = "reports/metrics/"
MARKER = Path(".cache/tracked.json")


def track_skipped(root: Path) -> None:
    """Complete the parent runs of the repository at `root`; a failure is warned of, never raised.

    What is done is noted in .cache/: a call with nothing to do does not import mlflow, which costs seconds.
    """
    if tracking.enabled() and (root / "dvc.lock").is_file():
        try:
            complete_all(root)
        except Exception as error:
            tracking.warn(error)


def complete_all(root: Path) -> None:
    """Complete the parents that are not noted as done. Raises whatever MLflow, git or the disk raise."""
    context = keys.read_context(root)
    lock = (root / "dvc.lock").read_bytes()
    saved = dict(experiments(root))
    states = {**saved, context.key: keys.digest(lock)}
    marker = context.home / MARKER
    done = read_marker(marker, store_id(context.home))
    todo = [key for key, state in states.items() if done.get(key) != state]
    if not todo:
        return
    client = store.connect(context)
    for key in todo:
        complete(client, context, key, saved.get(key, ""), lock)
    # The store's name is read again: its file may have been created just now.
    note = {"store": store_id(context.home), "done": states}
    marker.write_text(json.dumps(note, indent=1), encoding="utf-8")


def complete(client: "MlflowClient", context: keys.Context, key: str, commit: str, lock: bytes) -> None:
    """Complete one parent: the experiment saved as `commit` if it is tracked, or the working tree's own."""
    if commit:
        experiment_id = store.find_or_create_experiment(client, context, store.PARENTS)
        parent_id = store.find_parent(client, experiment_id, key)
        lock = keys.git(context.root, "show", f"{commit}:./dvc.lock").encode()
    else:
        with store.locked(context.home):
            parent_id = store.find_or_create_parent(client, context)
    if parent_id is not None:
        stages = stages_of(lock)
        complete_parent(client, parent_id, stages)
        store.log_metrics(client, parent_id, figures_of(context.root, commit, stages))


def figures_of(root: Path, commit: str, stages: dict[str, Any]) -> dict[str, Any]:
    """What the metrics' files of the stages hold, in the working tree or at `commit`, by the files' names.

    Lists, the tables' rows among them, are left out, as `dvc exp show` leaves them out; so is a file that is not there.
    """
    paths = [out["path"] for entry in stages.values() for out in entry.get("outs", [])]
    found = {}
    for path in sorted(path for path in paths if path.startswith(FIGURES) and path.endswith(".json")):
        try:
            text = keys.git(root, "show", f"{commit}:./{path}") if commit else (root / path).read_text(encoding="utf-8")
            found[Path(path).stem] = without_lists(json.loads(text))
        except (OSError, ValueError):
            continue  # deleted, or never committed: the other figures are there
    return found


def without_lists(tree: Any) -> Any:
    """`tree` without its lists, however deep."""
    if isinstance(tree, dict):
        return {key: without_lists(value) for key, value in tree.items() if not isinstance(value, list)}
    return tree


def complete_parent(client: "MlflowClient", parent_id: str, stages: dict[str, Any]) -> None:
    """Tag the parent with each stage's maker and describe it by a table; add outs to the makers."""
    names = sorted({address.partition("@")[0] for address in stages})
    found = [client.get_experiment_by_name(name) for name in names]
    ids = [experiment.experiment_id for experiment in found if experiment is not None]
    if ids:
        bury(client, client.search_runs(ids, f"tags.`drumspace.parent` = '{parent_id}'"))
    tags, rows = {}, []
    for address, entry in stages.items():
        key = keys.stage_key(entry)
        maker = find_maker(client, ids, parent_id, key)
        if maker is None:
            value, link = f"skipped: {ELSEWHERE}", ELSEWHERE
        else:
            info, known = maker.info, maker.data.tags
            made_here = known.get("drumspace.parent") == parent_id
            value = f"{'made' if made_here else 'skipped: made'} by {info.run_id}"
            link = f"[{info.run_name}](#/experiments/{info.experiment_id}/runs/{info.run_id})"
            if not any(tag.startswith("out/") for tag in known):
                store.log_tags(client, info.run_id, keys.digests("out", entry.get("outs", [])))
        tags[f"stage/{address.replace('@', '/')}"] = value
        rows.append(f"| {address} | {'made' if value.startswith('made') else 'skipped'} | {link} |")
    tags["mlflow.note.content"] = "\n".join(["| stage | here | run |", "|---|---|---|", *rows])
    store.log_tags(client, parent_id, tags)
    if client.get_run(parent_id).info.status == "RUNNING":
        client.set_terminated(parent_id, "FINISHED")


def find_maker(client: "MlflowClient", ids: list[str], parent_id: str, key: str) -> Any | None:
    """The run of experiments `ids` that finished with this stage key: the parent's own, else the latest."""
    if not ids:
        return None
    query = f"tags.`drumspace.stage_key` = '{key}' and attributes.status = 'FINISHED'"
    order = ["attributes.start_time DESC"]
    own = client.search_runs(ids, f"{query} and tags.`drumspace.parent` = '{parent_id}'", 1, 1, order)
    runs = own or client.search_runs(ids, query, max_results=1, order_by=order)
    return runs[0] if runs else None


def bury(client: "MlflowClient", runs: list[Any]) -> None:
    """Close as KILLED the runs whose process, on this machine, is no more."""
    host = keys.process().rpartition(":")[0]
    for run in runs:
        where, _, number = run.data.tags.get("drumspace.process", "").rpartition(":")
        if run.info.status == "RUNNING" and where == host:
            try:
                os.kill(int(number), 0)
            except ProcessLookupError:
                client.set_terminated(run.info.run_id, "KILLED")
            except PermissionError:
                continue


def experiments(root: Path) -> Iterator[tuple[str, str]]:
    """Parent key and commit of each DVC experiment: git's refs/exps/<baseline, cut after 2 digits>/<name>."""
    for line in keys.git(root, "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps").splitlines():
        commit, _, ref = line.partition(" ")
        parts = ref.split("/", 4)
        if len(parts) == 5 and len(parts[2]) == 2:
            yield keys.experiment_key(parts[4], parts[2] + parts[3]), commit


def stages_of(lock: bytes) -> dict[str, Any]:
    """Address and entry of each stage in the text of a dvc.lock."""
    from ruamel.yaml import YAML

    tree = YAML(typ="safe").load(lock.decode("utf-8")) or {}
    return dict(tree.get("stages") or {})


def store_id(home: Path) -> str:
    """Names the store, and for mlflow.db the very file: what was noted of a deleted one does not count."""
    uri = store.tracking_uri(home)
    path = Path(uri.removeprefix("sqlite:///"))
    return f"{uri} {path.stat().st_ino}" if path.is_file() else uri


def read_marker(path: Path, store_now: str) -> dict[str, str]:
    """Parent keys and the states done in this store; nothing where the file is of another one."""
    try:
        marker = json.loads(path.read_text(encoding="utf-8"))
        return dict(marker["done"]) if marker["store"] == store_now else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
