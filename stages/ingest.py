"""Stage ingest: convert the files of all sources to data/clips: clips, a catalogue and a list of rejected files."""

import _lib.bootstrap  # noqa: F401

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pandas as pd

from _lib.paths import CLIPS, METRICS, NOT_ONE_SHOTS, RAW
from _lib.runtime import stage
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.annotations import read_annotations
from drumspace.dataset.ingest.catalogue import not_one_shots
from drumspace.dataset.ingest.ingest import ingest
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.settings import IngestParams
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_path
from drumspace.io.json_files import read_json

ANNOTATIONS = Path("data/annotations.csv")
NAMING = Path("data/naming.yaml")


def main() -> None:
    """Run the stage."""
    with stage("ingest") as work:
        audio = work.section("audio", AudioParams)
        params = work.section("ingest", IngestParams)
        sources = read_json(RAW / "sources.json")
        check_folders(sources)
        annotations, rules = read_annotations(ANNOTATIONS), NamingRules.load(NAMING)
        for leftover in CLIPS.parent.glob(f".{CLIPS.name}.*.part"):  # of a killed run
            shutil.rmtree(leftover, ignore_errors=True)
        start = time.perf_counter()
        figures = ingest(sources, RAW, annotations, rules, audio, params, CLIPS)
        seconds = time.perf_counter() - start
        with atomic_path(NOT_ONE_SHOTS) as temporary:
            table = not_one_shots(pd.read_parquet(CLIPS / "catalog.parquet"))
            table.to_csv(temporary, index=False, float_format="%.3f", lineterminator="\n")
        files = figures["clips"] + figures["exact_duplicates"] + figures["quarantined"]
        work.times["files_per_second"] = files / seconds
        work.write_metrics(METRICS / "ingest.json", figures)


def check_folders(sources: dict[str, Any]) -> None:
    """Raise UserError in a copy of the repository (`dvc exp run --temp` or `--queue`) without the user's own sounds.

    Git does not track them, so DVC does not copy them; without this check they would be missing silently.
    """
    repository = Path(os.environ.get("DVC_ROOT", "."))
    for name, source in sources.items():
        if source["kind"] != "folder" or repository.resolve() == Path.cwd().resolve():
            continue
        path = Path(source["path"])
        if not path.is_absolute() and holds_files(repository / path) and not holds_files(path):
            raise UserError(
                f"This copy of the repository lacks the sounds of {path}, which git does not track: give"
                f" `sources.{name}.path` in params.yaml as an absolute path, or run the experiment without --temp."
            )


def holds_files(folder: Path) -> bool:
    """Return True if there is a file under `folder` that is not hidden."""
    return any(path.is_file() and not path.name.startswith(".") for path in folder.rglob("*"))


if __name__ == "__main__":
    main()
