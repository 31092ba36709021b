"""Compare the classifiers on clips of kits that none of them was trained on: reports/metrics/classifiers.json."""

import here  # noqa: F401

import pandas as pd

from common import CLASSIFIERS, METRICS, PARAMS, stage
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
        work.write_metrics(METRICS / "classifiers.json", compare(tables, configs, list(CLASSES), params))


if __name__ == "__main__":
    main()
