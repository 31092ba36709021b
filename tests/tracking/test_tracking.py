"""Tracking as stages use it, in a small git and DVC repository: `dvc repro`, `dvc exp run --temp`."""

import logging
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from drumspace.tracking import parent_run, store, upload
from drumspace.tracking import run as tracking

WORK = """
import json
import sys
from pathlib import Path
from drumspace.io.settings import read_yaml
from drumspace.tracking.run import stage_run

name, item = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
with stage_run(name, item) as run:
    params = read_yaml(Path("params.yaml"))[name]
    run.params({name: params})
    run.metrics({"score": 0.5, "ci": [0.25, 0.75], "note": "text", "table": [[1, 2]]})
    run.metrics({"times": {"seconds": 1.5}})
    for step in range(3):
        run.metrics({"loss": 1.0 / (step + 1)}, step=step)
    Path(f"{name}.txt").write_text(str(params))
    if name == "train":
        Path("reports/metrics").mkdir(parents=True, exist_ok=True)
        figures = {"score": params["small"]["depth"] / 10, "why": None, "rows": [{"k": 3}]}
        Path("reports/metrics/train.json").write_text(json.dumps(figures))
        run.summary({"train": figures})
    run.figure(Path(f"{name}.txt"))
"""
PIPELINE = """
stages:
  prepare:
    cmd: ${python} work.py prepare
    deps: [work.py, seed.txt]
    params: [prepare]
    outs: [prepare.txt]
  train:
    matrix:
      item: [small]
    cmd: ${python} work.py train ${item.item}
    deps: [work.py, prepare.txt]
    params: ["train.${item.item}"]
    outs: [train.txt]
    metrics: [{reports/metrics/train.json: {cache: false}}]
"""
PARAMS = "prepare: {rate: 1.0e-4, names: [a, b], none: null}\ntrain: {small: {depth: 3}}\n"
TRACK = (
    "import sys\nfrom pathlib import Path\nfrom drumspace.tracking.upload import track\n"
    "track(Path.cwd())\nprint('mlflow' in sys.modules)"
)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a process, free of the user's git and DVC settings and of other tests' tracking."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("DVC_", "GIT_", "MLFLOW_", "DRUMSPACE_"))
    }
    author = {f"GIT_{who}_{what}": "t@t" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    dvc = {
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": f"{folder}/dvc-site",
        "DVC_GLOBAL_CONFIG_DIR": f"{folder}/dvc-global",
    }
    return {**kept, **author, **dvc, "GIT_CONFIG_GLOBAL": os.devnull, **more}


def call(root: Path, *command: str, **more: str) -> SimpleNamespace:
    """Run a command in `root`, which must succeed; its output and seconds."""
    began = time.monotonic()
    done = subprocess.run(command, cwd=root, env=environment(root.parent, **more), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return SimpleNamespace(out=done.stdout, err=done.stderr, seconds=time.monotonic() - began)


def dvc(root: Path, *arguments: str) -> SimpleNamespace:
    """Run dvc."""
    return call(root, sys.executable, "-m", "dvc", *arguments)


def commit(root: Path, message: str) -> str:
    """Commit everything; the commit's hash."""
    call(root, "git", "add", "-A")
    call(root, "git", "commit", "-qm", message)
    return call(root, "git", "rev-parse", "HEAD").out.strip()


@pytest.fixture(scope="module", autouse=True)
def untouched() -> Iterator[None]:
    """This process, too, is free of the user's settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(environment(Path())):
            patch.delenv(name)
        yield


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A repository whose two stages ran by `dvc repro` on a clean commit, then `drumspace track`."""
    root = tmp_path_factory.mktemp("tracking") / "repo"
    root.mkdir()
    call(root, "git", "init", "-q")
    dvc(root, "init", "-q")
    (root / "work.py").write_text(WORK)
    (root / "dvc.yaml").write_text(f"vars: [{{python: {sys.executable}}}]\n{PIPELINE}")
    (root / "params.yaml").write_text(PARAMS)
    (root / "seed.txt").write_text("1")
    (root / ".gitignore").write_text("mlflow.db*\nmlartifacts/\n.cache/\n/prepare.txt\n/train.txt\n")
    revision = commit(root, "start")
    output = dvc(root, "repro")
    upload.track(root)
    return SimpleNamespace(root=root, client=store.connect(root), commit=revision, output=output)


def runs(repo: SimpleNamespace, experiment: str) -> list:
    """All runs of an experiment, the oldest first, once the journals are sent."""
    upload.track(repo.root)
    tracked = repo.client.get_experiment_by_name(experiment)
    return repo.client.search_runs([tracked.experiment_id], order_by=["attributes.start_time ASC"])


@pytest.fixture(scope="module")
def first(repo: SimpleNamespace) -> SimpleNamespace:
    """The runs of that first `dvc repro`."""
    (parent,), (prepare,), (train,) = (runs(repo, name) for name in ("drumspace", "prepare", "train"))
    return SimpleNamespace(parent=parent, prepare=prepare, train=train)


def test_one_parent_and_a_run_a_stage(repo: SimpleNamespace, first: SimpleNamespace) -> None:
    for run, name in ((first.prepare, "prepare"), (first.train, "small")):
        assert run.info.run_name == name
        assert run.info.status == first.parent.info.status == "FINISHED"
        assert run.data.tags["drumspace.parent"] == first.parent.info.run_id
        assert run.data.tags["mlflow.parentRunId"] == first.parent.info.run_id
        assert run.data.tags["drumspace.commit"] == repo.commit
        assert run.data.tags["drumspace.dirty"] == "false"
    assert first.parent.info.start_time == first.prepare.info.start_time
    assert first.parent.info.end_time == first.train.info.end_time
    assert "INFO" not in repo.output.err


def test_runs_name_their_stage_and_the_parent_its_runs(repo: SimpleNamespace, first: SimpleNamespace) -> None:
    for run, address in ((first.prepare, "prepare"), (first.train, "train@small")):
        assert run.data.tags["drumspace.stage"] == address
        assert first.parent.data.tags[f"stage/{address.replace('@', '/')}"] == run.info.run_id


def test_params_metrics_and_figures(repo: SimpleNamespace, first: SimpleNamespace) -> None:
    assert first.prepare.data.params == {
        "prepare.rate": "0.0001",
        "prepare.names": '["a", "b"]',
        "prepare.none": "null",
    }
    assert first.parent.data.params == first.prepare.data.params | {"train.small.depth": "3"}
    expected = {"score": 0.5, "ci.0": 0.25, "ci.1": 0.75, "times.seconds": 1.5, "loss": 1 / 3}
    assert first.train.data.metrics == expected
    assert first.parent.data.metrics == {"train.score": 0.3}
    history = repo.client.get_metric_history(first.train.info.run_id, "loss")
    assert [(point.step, point.value) for point in history] == [(0, 1.0), (1, 0.5), (2, 1 / 3)]
    (figure,) = (repo.root / "mlartifacts" / "train").rglob("figures/*")
    assert figure.read_text() == (repo.root / "train.txt").read_text()


def test_a_run_without_work_adds_nothing_and_does_not_import_mlflow(
    repo: SimpleNamespace, first: SimpleNamespace
) -> None:
    before = [run.to_dictionary() for name in ("drumspace", "prepare", "train") for run in runs(repo, name)]
    assert "Running stage" not in dvc(repo.root, "repro").out
    again = call(repo.root, sys.executable, "-c", TRACK)
    assert (again.out, again.err) == ("False\n", "")
    assert [run.to_dictionary() for name in ("drumspace", "prepare", "train") for run in runs(repo, name)] == before


def test_a_temporary_experiment_reaches_the_same_database(repo: SimpleNamespace, first: SimpleNamespace) -> None:
    dvc(repo.root, "exp", "run", "--temp", "-n", "deeper", "-S", "train.small.depth=5")
    parent, train = runs(repo, "drumspace")[-1], runs(repo, "train")[-1]
    assert parent.info.run_name == parent.data.tags["DVC_EXP_NAME"] == train.data.tags["DVC_EXP_NAME"] == "deeper"
    assert train.data.tags["drumspace.parent"] == parent.info.run_id
    assert train.data.params == {"train.small.depth": "5"}
    assert parent.data.metrics == {"train.score": 0.5}
    assert parent.data.tags["stage/train/small"] == train.info.run_id
    assert len(list((repo.root / "mlartifacts" / "train").rglob("figures/*"))) == 2


def test_a_dead_server_costs_one_warning_and_seconds_and_loses_nothing(repo: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(PARAMS)
    uri = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}
    assert call(tmp_path, sys.executable, str(repo.root / "work.py"), "prepare", **uri).err == ""
    done = call(tmp_path, sys.executable, "-c", TRACK, **uri)
    assert done.err.count("MLflow tracking failed") == len(done.err.splitlines()) == 1
    assert (tmp_path / "prepare.txt").is_file()
    assert done.seconds < 5
    upload.track(tmp_path)
    client = store.connect(tmp_path)
    (run,) = client.search_runs([client.get_experiment_by_name("prepare").experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.metrics["score"] == 0.5


def test_a_full_disk_leaves_no_broken_database_and_no_broken_stage(repo: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(PARAMS)
    limit = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))\n"
    work = f"sys.argv = ['work.py', 'prepare']; runpy.run_path({str(repo.root / 'work.py')!r})"
    done = call(tmp_path, sys.executable, "-c", limit.format(200) + work)
    assert done.err.count("MLflow tracking failed") == len(done.err.splitlines()) == 1
    assert (tmp_path / "prepare.txt").is_file()
    call(tmp_path, sys.executable, "-c", limit.format(200_000) + work)
    done = call(tmp_path, sys.executable, "-c", limit.format(200_000) + TRACK)
    assert done.err.count("MLflow tracking failed") == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["params.yaml", "prepare.txt"]


def test_off_tracks_nothing(repo: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(PARAMS)
    done = call(tmp_path, sys.executable, str(repo.root / "work.py"), "prepare", DRUMSPACE_TRACKING="off")
    assert done.err == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["params.yaml", "prepare.txt"]


@pytest.fixture
def inside(repo: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """This process works in the repository, as a stage that was started by hand."""
    monkeypatch.delenv("DRUMSPACE_TRACKING", raising=False)
    monkeypatch.chdir(repo.root)
    return repo


def test_many_params_and_a_long_value(inside: SimpleNamespace) -> None:
    with tracking.stage_run("many", None) as run:
        run.params({f"p@{number}": number for number in range(150)} | {"long": "x" * 10_000})
        run.metrics({f"m{number}": number for number in range(150)} | {"nan": float("nan"), "flag": True})
        run.tag("key", "value")
    (run_sent,) = runs(inside, "many")
    assert run_sent.data.tags["key"] == "value"
    assert len(run_sent.data.params) == 151
    assert run_sent.data.params["p_149"] == "149"
    assert len(run_sent.data.params["long"]) == 6000
    assert run_sent.data.params["long"].endswith("x … [cut: 10000 characters]")
    assert run_sent.data.metrics == {f"m{number}": number for number in range(150)}


def test_an_error_of_the_stage_marks_the_run_failed_and_goes_on(inside: SimpleNamespace) -> None:
    with pytest.raises(ZeroDivisionError), tracking.stage_run("failing", "x"):
        raise ZeroDivisionError
    (run,) = runs(inside, "failing")
    assert (run.info.status, run.info.run_name) == ("FAILED", "x")


def test_a_failure_amid_a_run_is_warned_of_once(inside: SimpleNamespace, caplog: pytest.LogCaptureFixture) -> None:
    with tracking.stage_run("amid", None) as run:
        run.figure(Path("no such file"))
        run.figure(Path("no such file"))
        run.metrics({"a": 1})
    assert [record.levelno for record in caplog.records if "MLflow tracking" in record.message] == [logging.WARNING]


def test_a_locked_database_is_warned_of_and_the_run_sent_later(
    inside: SimpleNamespace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0.1)
    holder = sqlite3.connect(inside.root / "mlflow.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with tracking.stage_run("locked", None) as run:
        run.metrics({"a": 1})
    upload.track(inside.root)
    holder.close()
    assert "database is locked" in caplog.text
    assert inside.client.get_experiment_by_name("locked") is None
    (run_later,) = runs(inside, "locked")
    assert run_later.data.metrics == {"a": 1}


def test_a_long_run_is_sent_while_it_runs(inside: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "LIVE_AFTER", 0.0)
    pending = set((inside.root / tracking.JOURNALS).glob("*.jsonl"))
    with tracking.stage_run("live", None) as run:
        run.metrics({"a": 1}, step=1)
        (live,) = runs(inside, "live")
        assert (live.info.status, live.data.metrics) == ("RUNNING", {"a": 1})
        run.metrics({"a": 2}, step=2)
    (ended,) = runs(inside, "live")
    assert ended.info.status == "FINISHED"
    assert [point.step for point in inside.client.get_metric_history(ended.info.run_id, "a")] == [1, 2]
    assert set((inside.root / tracking.JOURNALS).glob("*.jsonl")) <= pending


def test_a_killed_run_is_closed_and_a_living_one_is_not(inside: SimpleNamespace) -> None:
    code = (
        "import os\nfrom drumspace.tracking.run import stage_run\n"
        "with stage_run('killed', None) as run:\n    run.metrics({'a': 1})\n    os._exit(0)"
    )
    call(inside.root, sys.executable, "-c", code)
    (killed,) = runs(inside, "killed")
    assert (killed.info.status, killed.data.metrics) == ("KILLED", {"a": 1})
    with tracking.stage_run("alive", None):
        (alive,) = runs(inside, "alive")
        assert alive.info.status == "RUNNING"


def test_processes_that_start_at_once_share_a_parent(inside: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "crowd")
    for _ in range(4):
        with tracking.stage_run("crowd", None):
            pass
    pending = sorted((inside.root / tracking.JOURNALS).glob("*.jsonl"))
    assert len(pending) >= 4
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(upload.send_all, pending))
    assert len({run.data.tags["drumspace.parent"] for run in runs(inside, "crowd")}) == 1


def test_only_what_stages_read_makes_a_tree_dirty(inside: SimpleNamespace) -> None:
    clean = parent_run.read_parent(inside.root)
    written = [inside.root / name for name in ("README.md", "reports/metrics.json", "data/.gitignore")]
    for path in (*written, inside.root / "own.csv"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
        parent = parent_run.read_parent(inside.root)
        assert parent["key"] == clean["key"]
        assert parent["tags"]["drumspace.dirty"] == ("false" if path in written else "true")
    (inside.root / "own.csv").unlink()
    (inside.root / "seed.txt").write_text("2")
    changed = parent_run.read_parent(inside.root)
    (inside.root / "seed.txt").write_text("1")
    assert changed["key"] != clean["key"]
    assert changed["tags"]["drumspace.dirty"] == "true"


def test_a_failure_of_git_is_recorded_as_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tags = parent_run.read_parent(tmp_path)["tags"]
    assert tags["drumspace.commit"] == tags["drumspace.dirty"] == "unknown"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert parent_run.read_parent(tmp_path)["tags"] == tags


def test_home_and_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    home = Path("/r/my repo")
    assert parent_run.home_of(home / ".dvc/tmp/exps/standalone/tmpx") == home
    assert parent_run.home_of(home) == home
    assert store.tracking_uri(home) == "sqlite:////r/my repo/mlflow.db"
    for given, expected in {
        "sqlite:///a/b.db": "sqlite:////r/my repo/a/b.db",
        "sqlite:////x/b.db": "sqlite:////x/b.db",
        "http://host:5000": "http://host:5000",
    }.items():
        monkeypatch.setenv("MLFLOW_TRACKING_URI", given)
        assert store.tracking_uri(home) == expected
    monkeypatch.setenv("DVC_EXP_NAME", "name")
    monkeypatch.setenv("DVC_ROOT", str(home))
    assert parent_run.home_of(Path("/elsewhere/copy")) == home


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a@b", "a_b"), ("dep/../../x/y.csv", "x/y.csv"), ("/a//b", "a/b"), ("..", "_"), ("k" * 300, "k" * 250)],
)
def test_keys_are_made_valid(name: str, expected: str) -> None:
    assert store.valid_key(name) == expected


def test_a_tracked_stage_imports_neither_mlflow_nor_dvc(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom drumspace.tracking.run import stage_run\n"
        "with stage_run('quick', None) as run:\n    run.metrics({'a': 1})\n"
        "print({'mlflow', 'dvc', 'pandas'} & set(sys.modules))"
    )
    assert call(tmp_path, sys.executable, "-c", code).out == "set()\n"
