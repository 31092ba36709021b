"""split: which clips train, and which are held out, into data/splits.parquet."""

import here  # noqa: F401

import pandas as pd

from common import CLIPS, METRICS, SPLITS, log, stage
from drumspace.artifacts import write_parquet
from drumspace.dataset.split_params import SplitParams
from drumspace.dataset.splits import make_splits


def main() -> None:
    """Run the stage."""
    with stage("split") as work:
        params = work.section("split", SplitParams)
        table, report = make_splits(pd.read_parquet(CLIPS / "catalog.parquet"), params)
        for label, why in report["too_few"].items():
            log.warning(
                "%s is not tested: %s. To have it tested, add %s sounds of more kits, or label more in"
                " data/annotations.csv.",
                label,
                why,
                label,
            )
        if report["validation_lacks"]:
            log.warning("No sounds for validation of: %s.", ", ".join(report["validation_lacks"]))
        write_parquet(SPLITS, table)
        work.write_metrics(METRICS / "split.json", report)


if __name__ == "__main__":
    main()
