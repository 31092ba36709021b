"""Odd and mutated sound files through ingest: none may hang, crash the stage or write elsewhere.

    python -m benchmarks.data.files [--mutated N] [--cases FOLDER] [--out [FILE]]

Small files of all containers are mutated by a seed and go through ingest in batches, each in a process that is killed
if it exceeds the time that its stopped files allow. `hung_past_limit` and `crashed` count those batches. FOLDER holds
a folder for each case of odd files, of which files_expected.yaml says what is expected; without it `cases` is null.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._lib.mutated_files import mutations
from drumspace.audio.decode.guarded import CRASHED
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.ingest import ingest
from drumspace.dataset.ingest.make_clip import Limits, Task
from drumspace.dataset.ingest.make_clips import make_clips
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.settings import IngestParams
from drumspace.errors import UserError
from drumspace.io.json_files import write_json
from drumspace.io.settings import load, read_yaml
from drumspace.io.shards import clip_id

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "reports" / "benchmarks" / "files.json"
EXPECTED = Path(__file__).with_name("files_expected.yaml")
TOLERANCE = 0.03
"""Tolerance of a length (s): MP3 without the frame that counts the others keeps the encoder's padding."""
ALL_REJECTED = "all-rejected"
"""Marker that no file of a batch gave a clip: ingest then writes nothing."""
BATCH = 2000
SECONDS_PER_FILE = 2.0
"""Time limit of a file here: a hanging one costs no more."""
BATCH_SECONDS = 300.0
"""Time limit of a batch, beyond that of its stopped files."""


def main() -> None:
    """Run the benchmark."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--mutated", type=int, default=20_000, help="number of mutated files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=Path, help="folder of odd files")
    parser.add_argument("--out", type=Path, nargs="?", const=RESULT, help=f"JSON to write ({RESULT.relative_to(ROOT)})")
    parser.add_argument("--batch", type=Path, nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.batch:
        for work in arguments.batch:
            run_ingest(work)
        return
    result = run_cases(arguments.cases) | run_mutated(arguments.mutated, arguments.seed)
    print(json.dumps(result, indent=2))
    if arguments.out:
        write_json(arguments.out, result)


def run_ingest(work: Path) -> None:
    """Ingest work/own into work/clips."""
    audio = load(ROOT / "params.yaml", "audio", AudioParams)
    params = load(ROOT / "params.yaml", "ingest", IngestParams)
    decode = params.decode.model_copy(update={"seconds_per_file": SECONDS_PER_FILE})
    source: dict[str, Any] = {
        "kind": "folder",
        "status": "folder",
        "reason": None,
        "path": str(work / "own"),
        "layout": "kit",
    }
    source |= {"labels": None, "licence": None, "synthetic": False}
    rules = NamingRules.load()
    params = params.model_copy(update={"decode": decode})
    try:
        ingest({"own": source}, work, {}, rules, audio, params, work / "clips")
    except UserError as error:
        if "No source gave a clip" not in str(error):
            raise
        (work / ALL_REJECTED).touch()


def run_batch(*works: Path) -> tuple[str, list[str]]:
    """Run ingest on the folder `own` of each of `works`, all in a process of their own.

    Returns 'done', 'hung' or 'crashed', and the reasons of the files that were rejected.
    """
    command = [sys.executable, "-m", "benchmarks.data.files", "--batch", *map(str, works)]
    files = sum(1 for work in works for _ in (work / "own").rglob("*.*"))
    seconds = BATCH_SECONDS + 0.05 * (SECONDS_PER_FILE + 2) * files
    try:
        done = subprocess.run(command, cwd=ROOT, timeout=seconds, capture_output=True, text=True, check=False)
    except subprocess.TimeoutExpired:
        return "hung", []
    if done.returncode:
        print(done.stderr[-4000:], file=sys.stderr)
        return "crashed", []
    reasons = []
    for quarantine in (work / "clips" / "quarantine.csv" for work in works):
        if quarantine.exists():
            with quarantine.open(encoding="utf-8", newline="") as file:
                reasons += [row["reason"] for row in csv.DictReader(file)]
    return "done", reasons


def run_mutated(count: int, seed: int) -> dict[str, Any]:
    """Mutate files and ingest them."""
    start = time.perf_counter()
    states: Counter[str] = Counter()
    reasons: list[str] = []
    elsewhere = 0
    files = mutations(count, seed)
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, count, BATCH):
            work = Path(folder) / str(first)
            (work / "own" / "kit").mkdir(parents=True)
            for number, (suffix, data) in zip(range(first, min(first + BATCH, count)), files, strict=False):
                (work / "own" / "kit" / f"{number}.{suffix}").write_bytes(data)
            before = {path for path in Path(folder).rglob("*") if (work / "clips") not in path.parents}
            state, batch_reasons = run_batch(work)
            after = {path for path in Path(folder).rglob("*") if (work / "clips") not in path.parents}
            states[state] += 1
            reasons += batch_reasons
            elsewhere += len(after - before - {work / "clips"})
    return {
        "mutated": count,
        "hung_past_limit": states["hung"],
        "crashed": states["crashed"],
        "rejected": len(reasons),
        "stopped_at_limit": sum("and was stopped" in reason for reason in reasons),
        "decoder_crashes": sum(reason == CRASHED for reason in reasons),
        "files_written_elsewhere": elsewhere,
        "seconds": time.perf_counter() - start,
    }


def run_cases(folder: Path | None) -> dict[str, Any]:
    """Ingest each case and count those of which all files are as expected."""
    if folder is None:
        return {"cases": None, "as_expected": None}
    expected: dict[str, dict[str, Any]] = read_yaml(EXPECTED)
    expected |= json.loads((folder / "names.json").read_text(encoding="utf-8"))
    as_expected = 0
    differences: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        works = {case: Path(scratch) / str(number) for number, case in enumerate(expected)}
        for case, work in works.items():
            work.mkdir()
            (work / "own").symlink_to((folder / case).absolute())
        state, _ = run_batch(*works.values())
        for case, files in expected.items():
            clips = works[case] / "clips"
            got = outcomes(clips) if clips.exists() else {}
            got = duplicates(folder / case, clips, [path for path in files if path not in got]) | got if got else got
            if (works[case] / ALL_REJECTED).exists():
                got = dict.fromkeys(files, "rejected")
            wrong = {path: str(got.get(path, state)) for path, want in files.items() if not agrees(want, got.get(path))}
            as_expected += not wrong
            differences |= {case: wrong} if wrong else {}
    for case, wrong in differences.items():
        print(case, json.dumps(wrong, ensure_ascii=False), file=sys.stderr)
    return {"cases": len(expected), "as_expected": as_expected, "not_as_expected": sorted(differences)}


def outcomes(clips: Path) -> dict[str, tuple[float, str | None] | str]:
    """What ingest made of each file: (seconds, label), or 'rejected'."""
    results: dict[str, tuple[float, str | None] | str] = {}
    for row in pd.read_parquet(clips / "catalog.parquet").to_dict("records"):
        label = "other" if row["other"] else row["label"] if isinstance(row["label"], str) else None
        results[row["path"].removeprefix("own/")] = (float(row["seconds"]), label)
    with (clips / "quarantine.csv").open(encoding="utf-8", newline="") as file:
        return results | {row["path"].removeprefix("own/"): "rejected" for row in csv.DictReader(file)}


def duplicates(folder: Path, clips: Path, paths: list[str]) -> dict[str, tuple[float, None]]:
    """(seconds, None) of each file without a row whose clip another file's row has: exact duplicates have no row."""
    audio = load(ROOT / "params.yaml", "audio", AudioParams)
    params = load(ROOT / "params.yaml", "ingest", IngestParams)
    limits = Limits(params.min_seconds, params.max_seconds, params.level_dbfs)
    clip_ids = set(pd.read_parquet(clips / "catalog.parquet")["clip_id"])
    tasks = [Task(str((folder / path).absolute()), None) for path in paths]
    results: dict[str, tuple[float, None]] = {}
    for path, outcome in zip(paths, make_clips(tasks, audio, limits, params.decode, None, None), strict=True):
        if not isinstance(outcome, str):
            padded = np.zeros(audio.num_samples, np.int16)
            padded[: len(outcome[0].pcm)] = outcome[0].pcm
            if clip_id(padded) in clip_ids:
                results[path] = (outcome[0].seconds, None)
    return results


def agrees(want: float | str | None, got: tuple[float, str | None] | str | None) -> bool:
    """Whether an outcome is the expected one. A file that is neither in the catalogue nor rejected is lost."""
    if isinstance(want, float):
        return got is not None and got != "rejected" and abs(float(got[0]) - want) <= TOLERANCE
    return got == want if want == "rejected" else got is not None and got[1] == want


if __name__ == "__main__":
    main()
