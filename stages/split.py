"""Stage split: divide the clips into training and held-out parts, written to data/splits.parquet."""

import _lib.bootstrap  # noqa: F401

import pandas as pd

from _lib.paths import CLIPS, METRICS, SPLITS
from _lib.runtime import log, stage
from drumspace.dataset.splits.settings import SplitParams
from drumspace.dataset.splits.splits import make_splits
from drumspace.io.parquet import write_parquet


def main() -> None:
    """Run the stage."""
    with stage("split") as work:
        params = work.section("split", SplitParams)
        table, report = make_splits(pd.read_parquet(CLIPS / "catalog.parquet"), params)
        if report["untested"]:
            log.warning("%s.", report["untested"])
        for label, why in {} if report["untested"] else report["too_few"].items():
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
