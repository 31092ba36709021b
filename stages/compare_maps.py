"""How faithful the maps of each feature are: reports/metrics/manifold.json."""

import here  # noqa: F401

from common import FEATURES, METRICS, PARAMS, stage
from drumspace.artifacts import read_json
from drumspace.params import plain, read_yaml
from map_paths import MAPS


def main() -> None:
    """Run the stage."""
    with stage("compare_maps") as work:
        names = plain(read_yaml(PARAMS)["embed"]["features"])
        found = {name: read_json(MAPS / name / "quality.json") for name in names}
        rows = [{"feature": feature, **row} for feature, table in found.items() for row in table]
        networks = {name: read_json(FEATURES / f"{name}.json") for name in ("pretrained", "learned")}
        work.write_metrics(METRICS / "manifold.json", {"rows": rows, "networks": networks})


if __name__ == "__main__":
    main()
