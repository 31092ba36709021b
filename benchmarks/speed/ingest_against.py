"""Time of ingest on the default sounds, now and at an earlier commit, in alternating runs.

    python -m benchmarks.speed.ingest_against COMMIT [--runs N] [--out [FILE]]

Each run is a process of its own, so that the start of decoder processes and the import of what ingest needs are
counted; the interpreter's and pandas' are not. Both read the sources that both commits have, from data/raw.
`now_imported` has imported librosa, the library of the pitch tracker, before: that time is the same for any number of
sounds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from drumspace.io.json_files import write_json
from drumspace.io.settings import read_yaml

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "reports" / "benchmarks" / "ingest_against.json"
CHILD = """
import sys, time
from pathlib import Path
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.ingest import ingest
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.settings import IngestParams
from drumspace.io.json_files import read_json
from drumspace.io.settings import load
tree, raw, out = map(Path, sys.argv[1:4])
sources = read_json(raw / "sources.json")
sources = {name: sources[name] for name in sys.argv[4].split(",") if sources[name]["kind"] != "folder"}
audio, params = load(tree / "params.yaml", "audio", AudioParams), load(tree / "params.yaml", "ingest", IngestParams)
rules = NamingRules.load(tree / "data" / "naming.yaml")
start = time.perf_counter()
figures = ingest(sources, raw, {}, rules, audio, params, out / "clips")
print(time.perf_counter() - start, figures["clips"])
"""
IMPORTED = "import librosa; librosa.yin" + CHILD


def main() -> None:
    """Run the benchmark."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("commit", help="the earlier commit")
    parser.add_argument("--runs", type=int, default=5, help="runs of each; the median counts")
    parser.add_argument("--out", type=Path, nargs="?", const=RESULT, help=f"JSON to write ({RESULT.relative_to(ROOT)})")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", "--quiet", str(before), arguments.commit], check=True)
        try:
            result = compare(before, arguments.runs)
        finally:
            subprocess.run([*git, "remove", "--force", str(before)], check=True)
    result = {"commit": arguments.commit, **result}
    print(json.dumps(result, indent=2))
    if arguments.out:
        write_json(arguments.out, result)


def compare(before: Path, runs: int) -> dict[str, object]:
    """Medians of alternating runs of the tree at `before` and of this one."""
    names = ",".join(sorted(sources_of(before) & sources_of(ROOT)))
    variants = {"before": (before, CHILD), "now": (ROOT, CHILD), "now_imported": (ROOT, IMPORTED)}
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    clips: dict[str, int] = {}
    for _ in range(runs):
        for name, (tree, code) in variants.items():
            with tempfile.TemporaryDirectory() as out:
                taken, clips[name] = run(tree, code, str(tree), str(ROOT / "data" / "raw"), out, names)
            seconds[name].append(taken)
    median = {name: round(statistics.median(values), 3) for name, values in seconds.items()}
    ratios = {name: round(median["before"] / median[name], 3) for name in ("now", "now_imported")}
    return {"clips": clips, "seconds": median, "speed_relative_to_before": ratios}


def sources_of(tree: Path) -> set[str]:
    """Names of the sources in a tree's params.yaml."""
    return set(read_yaml(tree / "params.yaml")["sources"])


def run(tree: Path, code: str, *arguments: str) -> tuple[float, int]:
    """Run Python code on the package of a tree; return the two numbers that it prints."""
    environment = os.environ | {"PYTHONPATH": str(tree / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds, clips = done.stdout.split()
    return float(seconds), int(clips)


if __name__ == "__main__":
    main()
