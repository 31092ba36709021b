"""Compare the classifiers on clips of kits that none of them was trained on; choose a committee and a labeller."""

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
        trained = [name for name in names if "not_run" not in configs[name]]
        tables = {name: pd.read_parquet(CLASSIFIERS / name / "predictions.parquet") for name in trained}
        result = compare(tables, configs, list(CLASSES), params)
        paths = pd.read_parquet(CLIPS / "catalog.parquet", columns=["clip_id", "path"]).set_index("clip_id")["path"]
        for error in result.metrics["confident_errors"]:
            error["path"] = paths[error["clip_id"]]
        with atomic_folder(COMMITTEE) as folder:
            write_json(folder / "config.json", result.committee)
            if result.votes is not None:
                write_parquet(folder / "predictions.parquet", result.votes)
        write_json(BEST, result.best)
        work.write_metrics(METRICS / "classifiers.json", dict(result.metrics))


if __name__ == "__main__":
    main()
