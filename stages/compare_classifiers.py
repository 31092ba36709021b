"""Compare the classifiers on clips of kits that none of them was trained on, and let the best of them vote."""

import _lib.bootstrap  # noqa: F401

import pandas as pd

from _lib.paths import BEST, CLASSIFIERS, CLIPS, COMMITTEE, METRICS, PARAMS
from _lib.runtime import stage
from drumspace.classify.evaluation.compare import compare
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import read_json, write_json
from drumspace.io.parquet import write_parquet
from drumspace.io.settings import read_yaml
from drumspace.taxonomy import CLASSES


def main() -> None:
    """Run the stage."""
    with stage("compare_classifiers") as work:
        params = work.section("compare", CompareParams)
        names = read_yaml(PARAMS)["classify"]["run"]
        configs = {name: read_json(CLASSIFIERS / name / "config.json") for name in names}
        not_run = {name: config["not_run"] for name, config in configs.items() if "not_run" in config}
        tables = {
            name: pd.read_parquet(CLASSIFIERS / name / "predictions.parquet") for name in names if name not in not_run
        }
        result = compare(tables, configs, list(CLASSES), params)
        paths = pd.read_parquet(CLIPS / "catalog.parquet", columns=["clip_id", "path"]).set_index("clip_id")["path"]
        for error in result.metrics["confident_errors"]:
            error["path"] = paths[error["clip_id"]]
        with atomic_folder(COMMITTEE) as folder:
            write_json(folder / "config.json", result.committee)
            if result.votes is not None:
                write_parquet(folder / "predictions.parquet", result.votes)
        write_json(BEST, result.best)
        work.write_metrics(METRICS / "classifiers.json", {**result.metrics, "not_run": not_run})


if __name__ == "__main__":
    main()
