"""Compare the classifiers on clips of kits that none of them was trained on, and let the best of them vote."""

import here  # noqa: F401

import pandas as pd

from common import BEST, CLASSIFIERS, CLIPS, COMMITTEE, METRICS, PARAMS, stage
from drumspace import artifacts
from drumspace.artifacts import CLASSES
from drumspace.classify.compare import compare
from drumspace.classify.compare_params import CompareParams
from drumspace.params import plain, read_yaml


def main() -> None:
    """Run the stage."""
    with stage("compare_classifiers") as work:
        params = work.section("compare", CompareParams)
        names = plain(read_yaml(PARAMS)["classify"]["run"])
        tables = {name: pd.read_parquet(CLASSIFIERS / name / "predictions.parquet") for name in names}
        configs = {name: artifacts.read_json(CLASSIFIERS / name / "config.json") for name in names}
        result = compare(tables, configs, list(CLASSES), params)
        paths = pd.read_parquet(CLIPS / "catalog.parquet", columns=["clip_id", "path"]).set_index("clip_id")["path"]
        for error in result.metrics["confident_errors"]:
            error["path"] = paths[error["clip_id"]]
        with artifacts.atomic_folder(COMMITTEE) as folder:
            artifacts.write_json(folder / "config.json", result.committee)
            if result.votes is not None:
                artifacts.write_parquet(folder / "predictions.parquet", result.votes)
        artifacts.write_json(BEST, result.best)
        work.write_metrics(METRICS / "classifiers.json", result.metrics)


if __name__ == "__main__":
    main()
