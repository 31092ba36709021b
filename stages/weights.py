"""Find the published weights of each model of classify.run: models/weights/<model>.json, the manifest of each."""

import _lib.bootstrap  # noqa: F401

from _lib.paths import DOWNLOADS, PARAMS, PRETRAINED, WEIGHTS
from _lib.runtime import stage
from drumspace.classify.weights.manifest import manifests
from drumspace.classify.weights.settings import WeightsParams
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import write_json
from drumspace.io.settings import read_yaml


def main() -> None:
    """Run the stage."""
    with stage("weights") as work:
        params = work.section("weights", WeightsParams)
        contents = manifests(read_yaml(PARAMS)["classify"]["run"], params, WEIGHTS, DOWNLOADS)
        with atomic_folder(PRETRAINED) as folder:
            for name, content in contents.items():
                write_json(folder / f"{name}.json", content)
        work.run.params({"weights": {name: content["weights"] for name, content in contents.items()}})


if __name__ == "__main__":
    main()
