"""Published weights for each model of classify.run: models/weights/<model>.json says what it starts from, and why."""

import here  # noqa: F401

from pathlib import Path
from typing import Any

from common import DOWNLOADS, PARAMS, PRETRAINED, WEIGHTS, log, stage
from drumspace.artifacts import atomic_folder, write_json
from drumspace.classify.weights.find import Missing, cached, find
from drumspace.classify.weights.params import WeightsParams
from drumspace.classify.weights.table import row_of
from drumspace.errors import UserError
from drumspace.params import plain, read_yaml


def main() -> None:
    """Run the stage."""
    with stage("weights") as work:
        params = work.section("weights", WeightsParams)
        names = plain(read_yaml(PARAMS)["classify"]["run"])
        manifests = {name: manifest(name, params) for name in names}
        with atomic_folder(PRETRAINED) as folder:
            for name, content in manifests.items():
                write_json(folder / f"{name}.json", content)
        work.run.params({"weights": {name: content["weights"] for name, content in manifests.items()}})


def manifest(name: str, params: WeightsParams) -> dict[str, Any]:
    """What a model starts from. Raises UserError where its file is required and can't be had."""
    row = row_of(name)
    if row is None:
        return {"weights": "random", "reason": "trained from scratch"}
    if name in params.random:
        return {"weights": "random", "reason": "asked for by weights.random"}
    try:
        _, sha256 = find(
            row, Path(params.folder) if params.folder else None, WEIGHTS, DOWNLOADS if params.network else None
        )
    except Missing as error:
        if params.policy == "required":
            raise UserError(
                f"{name} needs {row.file} (SHA-256 {row.sha256 or 'not known'}) from {row.address}, and it can't be "
                f"had: {error}. Put it into {params.folder or f'{cached(row, WEIGHTS).parent}'} under that name and "
                "run `make weights`, or set weights.policy to auto."
            ) from None
        log.warning("%s starts from random values: %s. `make weights` tries again.", name, error)
        return {"weights": "random", "reason": f"{row.file} can't be had: {error}"}
    return {"weights": row.weights, "id": row.id, "sha256": sha256, "licence": row.licence, "input": row.input}


if __name__ == "__main__":
    main()
