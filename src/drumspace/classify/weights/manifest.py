"""Manifests of pretrained weights: the file that each model starts from, or the reason why it starts from none."""

import logging
from pathlib import Path
from typing import Any

from drumspace.classify.weights.find import Missing, cached, find
from drumspace.classify.weights.settings import WeightsParams
from drumspace.classify.weights.table import Row, row_of
from drumspace.errors import UserError

log = logging.getLogger("drumspace")

ABSENT = "absent"
"""Value of `weights` in the manifest of a model that is not run because its published weights are absent."""


def manifests(names: list[str], params: WeightsParams, cache: Path, downloads: Path) -> dict[str, dict[str, Any]]:
    """Manifest of each model in `names`; each file is searched once, also if several models start from it.

    cache: folder of weights; downloads: folder of downloaded packages. Raises UserError if a file is required and
    can't be obtained.
    """
    rows = {row.id: row for name in names if name not in params.random and (row := row_of(name))}
    files = find_files(rows, params, cache, downloads)
    return {name: manifest(name, params, files, cache) for name in names}


def find_files(rows: dict[str, Row], params: WeightsParams, cache: Path, downloads: Path) -> dict[str, str | Missing]:
    """SHA-256 of each row's file, or the reason why the file can't be obtained."""
    folder = Path(params.folder) if params.folder else None
    files: dict[str, str | Missing] = {}
    for key, row in rows.items():
        try:
            files[key] = find(row, folder, cache, downloads if params.network else None)[1]
        except Missing as error:
            files[key] = error
    return files


def manifest(name: str, params: WeightsParams, files: dict[str, str | Missing], cache: Path) -> dict[str, Any]:
    """Manifest of one model. Raises UserError if its file is required and can't be obtained."""
    row = row_of(name)
    if row is None:
        return {"weights": "random", "reason": "trained from scratch"}
    if name in params.random:
        return {"weights": "random", "reason": "asked for by weights.random"}
    sha256 = files[row.id]
    if isinstance(sha256, Missing):
        if params.policy == "required":
            folder = params.folder or cached(row, cache).parent
            raise UserError(
                f"{name} needs {row.file} (SHA-256 {row.sha256 or 'not known'}) from {row.address}, which is "
                f"not available: {sha256}. Put it under that name into {folder} "
                "and run `make weights`, or set weights.policy to skip or random."
            )
        reason = f"{row.file} is not available: {sha256}"
        if params.policy == "skip":
            log.warning("%s is not run, published weights absent: %s. `make weights` tries again.", name, reason)
            return {"weights": ABSENT, "reason": reason}
        log.warning("%s starts from random weights: %s. `make weights` tries again.", name, reason)
        return {"weights": "random", "reason": reason}
    return {"weights": row.weights, "id": row.id, "sha256": sha256, "licence": row.licence, "input": row.input}


def absence(manifest: dict[str, Any]) -> str | None:
    """Reason why the model of this manifest is not run; None if it is."""
    return f"published weights absent ({manifest['reason']})" if manifest["weights"] == ABSENT else None


def or_random(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest, with random weights where published ones are absent: for networks that are needed all the same."""
    return {**manifest, "weights": "random"} if manifest["weights"] == ABSENT else manifest
