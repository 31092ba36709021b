"""Run the whole pipeline on a corpus, away from the working tree, and bring its metrics back.

    python benchmarks/corpus.py CORPUS [--work DIR] [--stage STAGE …] [--params FILE] [--metrics NAME …]

The last commit is checked out under DIR, params.corpus.yaml (or FILE) becomes its params.yaml, `corpus` a link to
CORPUS, whose lists of clips (CSV files beside labels.csv) are copied into data/listings.
DIR keeps DVC's cache and the checkpoints: a run that was stopped goes on where it was. Metrics and times go to
reports/benchmarks/corpus/, beside commit.json, which names for each file the commit that made it: a run with --stage
leaves the figures of the stages that it did not need as they were.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from drumspace.artifacts import read_json, write_json

ROOT = Path(__file__).parents[1]


def git(*words: str, cwd: Path = ROOT) -> str:
    """Output of a git command."""
    return subprocess.run(["git", *words], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


def prepare(work: Path, corpus: Path, params: str) -> str:
    """Check the last commit out at `work`, with its own params and a link to the corpus; returns the commit."""
    commit = git("rev-parse", "HEAD")
    if not (work / ".git").exists():
        work.parent.mkdir(parents=True, exist_ok=True)
        git("clone", "--quiet", str(ROOT), str(work))
    git("fetch", "--quiet", str(ROOT), commit, cwd=work)
    # The commit's lock and metrics tell of the default run; what has been done here is told by those that were here.
    done = {}
    if (work / "corpus").is_symlink():
        results = [work / "dvc.lock", *(work / "reports" / "metrics").glob("*.json")]
        done = {path: path.read_bytes() for path in results if path.is_file()}
    git("checkout", "--quiet", "--force", "--detach", commit, cwd=work)
    for path in [work / "dvc.lock", *(work / "reports" / "metrics").glob("*.json")]:
        path.unlink(missing_ok=True)
    for path, content in done.items():
        path.write_bytes(content)
    shutil.copy(work / params, work / "params.yaml")
    link = work / "corpus"
    link.unlink(missing_ok=True)
    link.symlink_to(corpus, target_is_directory=True)
    for listing in sorted(corpus.glob("*.csv")):
        if listing.name != "labels.csv":
            shutil.copy(listing, work / "data" / "listings" / listing.name)
    return commit


def update(path: Path, entries: dict[str, Any]) -> None:
    """Put entries into a JSON file, and those of its objects into them; what it has beside them stays."""
    old = read_json(path) if path.exists() else {}
    merged = {name: {**old.get(name, {}), **new} if isinstance(new, dict) else new for name, new in entries.items()}
    write_json(path, {**old, **merged})


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of source/kit/file with labels.csv")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "drumspace" / "corpus"
    parser.add_argument("--work", type=Path, default=cache, help="where it runs (default: %(default)s)")
    parser.add_argument("--stage", default=None, nargs="+", help="run up to these stages alone")
    parser.add_argument("--params", default="params.corpus.yaml", help="which settings (default: %(default)s)")
    parser.add_argument("--metrics", nargs="+", help="bring these files back alone, such as synthesis.json")
    arguments = parser.parse_args()
    corpus = arguments.corpus.resolve()
    if not (corpus / "labels.csv").is_file():
        sys.exit(f"{corpus} holds no labels.csv: name a folder of source/kit/file with a labels.csv (path,label).")
    if git("status", "--porcelain", "--", "src", "stages", "dvc.yaml", arguments.params):
        print("Uncommitted changes are not part of this run: it uses the last commit.", file=sys.stderr)
    work = arguments.work.resolve()
    commit = prepare(work, corpus, arguments.params)
    environment = {**os.environ, "PYTHONPATH": str(work / "src"), "DVC_NO_ANALYTICS": "1"}
    subprocess.run(["dvc", "repro", *(arguments.stage or [])], cwd=work, env=environment, check=True)
    out = ROOT / "reports" / "benchmarks" / "corpus"
    out.mkdir(parents=True, exist_ok=True)
    made = sorted((work / "reports" / "metrics").glob("*.json"))
    made = [file for file in made if not arguments.metrics or file.name in arguments.metrics]
    for file in made:
        shutil.copy(file, out / file.name)
    update(out / "timings.json", read_json(work / "reports" / "timings.json"))
    update(out / "commit.json", {file.name: commit for file in made})
    print(
        f"Metrics and times of {commit[:12]} are in {out.relative_to(ROOT)}; the report is {work}/reports/report.html"
    )


if __name__ == "__main__":
    main()
