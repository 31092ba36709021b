"""How faithful the maps of each feature are: reports/metrics/manifold.json."""

import _lib.bootstrap  # noqa: F401

from _lib.paths import FEATURES, MAPS, METRICS, PARAMS
from _lib.runtime import stage
from drumspace.io.json_files import read_json
from drumspace.io.settings import read_yaml


def main() -> None:
    """Run the stage."""
    with stage("compare_maps") as work:
        names = read_yaml(PARAMS)["embed"]["features"]
        found = {name: read_json(MAPS / name / "quality.json") for name in names}
        rows = [{"feature": feature, **row} for feature, table in found.items() for row in table]
        networks = {name: read_json(FEATURES / f"{name}.json") for name in ("pretrained", "learned")}
        work.write_metrics(METRICS / "manifold.json", {"rows": rows, "networks": networks})


if __name__ == "__main__":
    main()
