"""How faithful the maps of each feature are: reports/metrics/manifold.json."""

import here  # noqa: F401

from common import FEATURES, METRICS, stage
from drumspace.artifacts import read_json
from map_paths import MAPS


def main() -> None:
    """Run the stage."""
    with stage("compare_maps") as work:
        found = {path.parent.name: read_json(path) for path in sorted(MAPS.glob("*/quality.json"))}
        rows = [{"feature": feature, **row} for feature, table in found.items() for row in table]
        networks = {path.stem: read_json(path) for path in sorted(FEATURES.glob("*.json"))}
        work.write_metrics(METRICS / "manifold.json", {"rows": rows, "networks": networks})


if __name__ == "__main__":
    main()
