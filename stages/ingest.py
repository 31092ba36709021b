"""Files of all sources → data/clips: one form of clip, a catalogue, a list of what was turned down."""

import here  # noqa: F401

import shutil
import time
from pathlib import Path

from common import CLIPS, METRICS, RAW, stage
from drumspace.artifacts import read_json
from drumspace.audio.params import AudioParams
from drumspace.dataset.annotations import read_annotations
from drumspace.dataset.ingest import ingest
from drumspace.dataset.ingest_params import IngestParams
from drumspace.dataset.naming import NamingRules

ANNOTATIONS = Path("data/annotations.csv")
NAMING = Path("data/naming.yaml")


def main() -> None:
    """Run the stage."""
    with stage("ingest") as work:
        audio = work.section("audio", AudioParams)
        params = work.section("ingest", IngestParams)
        sources = read_json(RAW / "sources.json")
        annotations, rules = read_annotations(ANNOTATIONS), NamingRules.load(NAMING)
        for leftover in CLIPS.parent.glob(f".{CLIPS.name}.*.part"):  # of a run that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        start = time.perf_counter()
        figures = ingest(sources, RAW, annotations, rules, audio, params, CLIPS)
        seconds = time.perf_counter() - start
        files = figures["clips"] + figures["exact_duplicates"] + figures["quarantined"]
        work.times["files_per_second"] = files / seconds
        work.write_metrics(METRICS / "ingest.json", figures)


if __name__ == "__main__":
    main()
