"""Published weights for each model of classify.run: models/weights/<model>.json says what it starts from, and why."""

import _lib.bootstrap  # noqa: F401

from pathlib import Path
from typing import Any

from _lib.paths import DOWNLOADS, PARAMS, PRETRAINED, WEIGHTS
from _lib.runtime import log, stage
from drumspace.classify.weights.find import Missing, cached, find
from drumspace.classify.weights.settings import WeightsParams
from drumspace.classify.weights.table import Row, row_of
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import write_json
from drumspace.io.settings import read_yaml


def main() -> None:
    """Run the stage."""
    with stage("weights") as work:
        params = work.section("weights", WeightsParams)
        names = read_yaml(PARAMS)["classify"]["run"]
        found = look_for({row.id: row for name in names if name not in params.random and (row := row_of(name))}, params)
        manifests = {name: manifest(name, params, found) for name in names}
        with atomic_folder(PRETRAINED) as folder:
            for name, content in manifests.items():
                write_json(folder / f"{name}.json", content)
        work.run.params({"weights": {name: content["weights"] for name, content in manifests.items()}})


def look_for(rows: dict[str, Row], params: WeightsParams) -> dict[str, str | Missing]:
    """The SHA-256 of each row's file, or why it can't be had; each file is asked for once."""
    folder, downloads = Path(params.folder) if params.folder else None, DOWNLOADS if params.network else None
    found: dict[str, str | Missing] = {}
    for key, row in rows.items():
        try:
            found[key] = find(row, folder, WEIGHTS, downloads)[1]
        except Missing as error:
            found[key] = error
    return found


def manifest(name: str, params: WeightsParams, found: dict[str, str | Missing]) -> dict[str, Any]:
    """What a model starts from. Raises UserError where its file is required and can't be had."""
    row = row_of(name)
    if row is None:
        return {"weights": "random", "reason": "trained from scratch"}
    if name in params.random:
        return {"weights": "random", "reason": "asked for by weights.random"}
    sha256 = found[row.id]
    if isinstance(sha256, Missing):
        if params.policy == "required":
            raise UserError(
                f"{name} needs {row.file} (SHA-256 {row.sha256 or 'not known'}) from {row.address}, and it can't be "
                f"had: {sha256}. Put it into {params.folder or f'{cached(row, WEIGHTS).parent}'} under that name and "
                "run `make weights`, or set weights.policy to auto."
            )
        log.warning("%s starts from random values: %s. `make weights` tries again.", name, sha256)
        return {"weights": "random", "reason": f"{row.file} can't be had: {sha256}"}
    return {"weights": row.weights, "id": row.id, "sha256": sha256, "licence": row.licence, "input": row.input}


if __name__ == "__main__":
    main()
