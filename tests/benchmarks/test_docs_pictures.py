from pathlib import Path

import pytest
from mlflow import MlflowClient

from benchmarks.docs_pictures import copy_runs


@pytest.mark.slow
def test_the_picture_of_mlflow_compares_what_differs_and_one_metric(tmp_path: Path) -> None:
    store, copy = f"sqlite:///{tmp_path}/store.db", f"sqlite:///{tmp_path}/copy.db"
    client = MlflowClient(store)
    experiment = client.create_experiment("drumspace")
    for name, penalty, accuracy in (("a", "1", 0.5), ("b", "10", 0.75)):
        run_id = client.create_run(experiment, run_name=name).info.run_id
        client.log_param(run_id, "c", penalty)
        client.log_param(run_id, "seed", "0")
        client.log_metric(run_id, "accuracy", accuracy)
        client.log_metric(run_id, "n", 145)
    path = copy_runs(store, ["b", "a"], "accuracy", copy)
    copied = MlflowClient(copy)
    runs = copied.search_runs([copied.get_experiment_by_name("drumspace").experiment_id])
    values = {run.info.run_name: (run.data.params, run.data.metrics) for run in runs}
    assert values == {"a": ({"c": "1"}, {"accuracy": 0.5}), "b": ({"c": "10"}, {"accuracy": 0.75})}
    ids = {run.info.run_name: run.info.run_id for run in runs}
    assert path.index(ids["b"]) < path.index(ids["a"])
    with pytest.raises(SystemExit, match="No metric loss in b, a"):
        copy_runs(store, ["b", "a"], "loss", copy)
    with pytest.raises(SystemExit, match="no run c; there are b, a"):
        copy_runs(store, ["c"], "accuracy", copy)
