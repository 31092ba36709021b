"""Gather how faithful the maps of each feature are: reports/metrics/manifold.json."""

import _lib.bootstrap  # noqa: F401

from typing import cast

from _lib.paths import FEATURES, MAPS, METRICS, PARAMS
from _lib.runtime import stage
from drumspace.io.json_files import read_json
from drumspace.io.settings import read_yaml
from drumspace.metrics.maps.contract import ManifoldMetrics, MapRow


def main() -> None:
    """Run the stage."""
    with stage("compare_maps") as work:
        quality = {name: read_json(MAPS / name / "quality.json") for name in read_yaml(PARAMS)["embed"]["features"]}
        metrics: ManifoldMetrics = {
            "rows": [cast(MapRow, {"feature": feature, **row}) for feature, rows in quality.items() for row in rows],
            "networks": {name: read_json(FEATURES / f"{name}.json") for name in ("pretrained", "learned")},
        }
        work.write_metrics(METRICS / "manifold.json", {**metrics})


if __name__ == "__main__":
    main()
