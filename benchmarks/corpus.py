"""Run the whole pipeline on a corpus, away from the working tree, and bring its metrics back.

    python -m benchmarks.corpus CORPUS [--work DIR] [--stage STAGE …] [--overlay FILE …] [--metrics NAME …]
                                [--without GENERATOR …] [--into NAME]

The last commit is checked out under DIR. Its params.yaml is merged with params/corpus.yaml, or with each FILE in order;
`corpus` becomes a link to CORPUS, whose lists of clips (CSV files beside labels.csv) are copied into data/listings.
DIR keeps DVC's cache and the checkpoints: a run that was stopped goes on where it was. Metrics and times go to
reports/benchmarks/corpus/, beside commit.json, which names for each file the commit that made it: a run with --stage
leaves the figures of the stages that it did not need as they were. All generators together take hours: --without leaves
some out of the evaluation (their training is cut to one step), and --into keeps the figures of a run beside those of
another.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks._lib.git import ROOT, git
from drumspace.config.overlay import Merged, read_overlay
from drumspace.io.atomic import write_text
from drumspace.io.json_files import read_json, write_json


def prepare(work: Path, corpus: Path, overlays: list[str]) -> str:
    """Check the last commit out at `work`, with overlaid settings and a link to the corpus; returns the commit."""
    commit = git("rev-parse", "HEAD")
    if not (work / ".git").exists():
        work.parent.mkdir(parents=True, exist_ok=True)
        git("clone", "--quiet", str(ROOT), str(work))
    git("fetch", "--quiet", str(ROOT), commit, cwd=work)
    # The commit's lock and metrics belong to the default run; those of this folder belong to its own run.
    done = {}
    if (work / "corpus").is_symlink():
        results = [work / "dvc.lock", *(work / "reports" / "metrics").glob("*.json")]
        done = {path: path.read_bytes() for path in results if path.is_file()}
    git("checkout", "--quiet", "--force", "--detach", commit, cwd=work)
    for path in [work / "dvc.lock", *(work / "reports" / "metrics").glob("*.json")]:
        path.unlink(missing_ok=True)
    for path, content in done.items():
        path.write_bytes(content)
    merged = Merged(work / "params.yaml", [read_overlay(work / overlay) for overlay in overlays])
    write_text(work / "params.yaml", merged.text())
    link = work / "corpus"
    link.unlink(missing_ok=True)
    link.symlink_to(corpus, target_is_directory=True)
    for listing in sorted(corpus.glob("*.csv")):
        if listing.name != "labels.csv":
            shutil.copy(listing, work / "data" / "listings" / listing.name)
    return commit


def leave_out(path: Path, names: list[str]) -> None:
    """Train these generators and inversions for one step and do not evaluate them, in the params file at `path`.

    Their stages cannot be skipped.
    """
    yaml = YAML()
    params = yaml.load(path.read_text(encoding="utf-8"))
    for name in names:
        # A VAE-GAN may be called as its section is.
        sections = [params[kind]["models"] for kind in ("vae", "vaegan") if name in params[kind]["models"]]
        section = sections[0][name] if sections else params[name]
        section["steps"] = 1
    for key in ("generators", "inversions"):
        params["synthesis"][key] = [name for name in params["synthesis"][key] if name not in names]
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(params, file)


def without_short(times: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Times, less those of trainings of one step."""
    kept = {stage: value for stage, value in times.items() if stage.removeprefix("train_") not in names}
    return {stage: {item: value for item, value in items.items() if item not in names} for stage, items in kept.items()}


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """`new` in `old`, objects within objects likewise."""
    nested = {name: merged(old[name], value) for name, value in new.items() if isinstance(value, dict) and name in old}
    return {**old, **new, **nested}


def update(path: Path, entries: dict[str, Any]) -> None:
    """Put entries into a JSON file; what it has beside them stays."""
    write_json(path, merged(read_json(path) if path.exists() else {}, entries))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of source/kit/file with labels.csv")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "drumspace" / "corpus"
    parser.add_argument("--work", type=Path, default=cache, help="where it runs (default: %(default)s)")
    parser.add_argument("--stage", default=None, nargs="+", help="run up to these stages alone")
    parser.add_argument(
        "--overlay", nargs="+", default=["params/corpus.yaml"], help="changes to params.yaml (default: %(default)s)"
    )
    parser.add_argument("--metrics", nargs="+", help="bring these files back alone, such as synthesis.json")
    parser.add_argument("--without", nargs="+", default=[], metavar="GENERATOR", help="do not train and judge these")
    parser.add_argument("--into", metavar="NAME", help="what the one file of --metrics is called here")
    arguments = parser.parse_args()
    if arguments.into and len(arguments.metrics or []) != 1:
        parser.error("--into renames one file: name it with --metrics")
    corpus = arguments.corpus.resolve()
    if not (corpus / "labels.csv").is_file():
        sys.exit(f"{corpus} holds no labels.csv: name a folder of source/kit/file with a labels.csv (path,label).")
    if git("status", "--porcelain", "--", "src", "stages", "dvc.yaml", "params.yaml", *arguments.overlay):
        print("Uncommitted changes are not part of this run: it uses the last commit.", file=sys.stderr)
    work = arguments.work.resolve()
    commit = prepare(work, corpus, arguments.overlay)
    if arguments.without:
        leave_out(work / "params.yaml", arguments.without)
    environment = {**os.environ, "PYTHONPATH": str(work / "src"), "DVC_NO_ANALYTICS": "1"}
    subprocess.run(["dvc", "repro", *(arguments.stage or [])], cwd=work, env=environment, check=True)
    out = ROOT / "reports" / "benchmarks" / "corpus"
    out.mkdir(parents=True, exist_ok=True)
    metrics_files = sorted((work / "reports" / "metrics").glob("*.json"))
    metrics_files = [file for file in metrics_files if not arguments.metrics or file.name in arguments.metrics]
    for file in metrics_files:
        shutil.copy(file, out / (arguments.into or file.name))
    update(out / "timings.json", without_short(read_json(work / "reports" / "timings.json"), arguments.without))
    update(out / "commit.json", {arguments.into or file.name: commit for file in metrics_files})
    print(
        f"Metrics and times of {commit[:12]} are in {out.relative_to(ROOT)}; the report is {work}/reports/report.html"
    )


if __name__ == "__main__":
    main()
