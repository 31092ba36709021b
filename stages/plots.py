"""Metrics of the earlier stages → rows in reports/plots/ for `dvc plots show` and `dvc plots diff`."""

import _lib.bootstrap  # noqa: F401

from pathlib import Path

from _lib.paths import METRICS
from _lib.runtime import stage
from drumspace.io.json_files import read_json, write_json
from drumspace.report import plots

PLOTS = Path("reports/plots")


def main() -> None:
    """Run the stage."""
    with stage("plots"):
        classifiers = read_json(METRICS / "classifiers.json")
        rows_by_plot = {
            "classifiers": plots.classifiers(classifiers),
            "confusion": plots.confusion(classifiers),
            "budget": plots.budget(read_json(METRICS / "propagation.json")),
            "sounds": plots.sounds(read_json(METRICS / "synthesis.json")),
        }
        for name, rows in rows_by_plot.items():
            write_json(PLOTS / f"{name}.json", rows)


if __name__ == "__main__":
    main()
