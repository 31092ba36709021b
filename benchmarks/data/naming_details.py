"""Details that names give to the hats and kicks of a corpus, and what their sounds say about it.

    python -m benchmarks.data.naming_details CORPUS [--sample 60] [--out [FILE]]

CORPUS holds labels.csv (path, label, source, kit, original_path) and the sounds. The rules get each path as its author
wrote it. Printed are counts by source, a random sample of names for a reader, and the decay times of each detail: an
open hat is longer than a closed one, and a kick of the TR-808 is longer than one of a drum kit.
"""

import argparse
import csv
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks._lib.git import head
from benchmarks.data.naming import original_path
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.shared_prefixes import without_shared_prefixes
from drumspace.io.json_files import write_json
from drumspace.taxonomy import DETAILS

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "reports" / "benchmarks" / "corpus" / "naming_details.json"
DECAY_DB = -30
"""Level of the remaining energy at which a sound counts as decayed (dB)."""


def decay_seconds(file: Path) -> float:
    """Time in which the energy that remains falls by DECAY_DB: backward integration, Schroeder 1965."""
    wave, rate = soundfile.read(file, dtype="float64")
    remaining = np.cumsum(wave[::-1] ** 2)[::-1]
    return float(np.searchsorted(-remaining, -remaining[0] * 10 ** (DECAY_DB / 10)) / rate)


def measure(corpus: Path, rows: list[dict[str, str]], details: list[str | None], label: str) -> dict[str, Any]:
    """Counts and decay times of the details of a class."""
    chosen = [(row, detail) for row, detail in zip(rows, details, strict=True) if row["label"] == label]
    sources: dict[str, Counter[str]] = defaultdict(Counter)
    decays: dict[str, list[float]] = defaultdict(list)
    for row, detail in chosen:
        sources[row["source"]][detail or "none"] += 1
        decays[detail or "none"].append(decay_seconds(corpus / row["path"]))
    return {
        "n": len(chosen),
        "details": {
            detail: {
                "n": len(decays[detail]),
                "sources": sum(counts[detail] > 0 for counts in sources.values()),
                "decay_seconds": [round(float(value), 3) for value in np.quantile(decays[detail], [0.25, 0.5, 0.75])]
                if decays[detail]
                else None,
            }
            for detail in (*DETAILS[label], "none")
        },
        "sources": {source: dict(counts) for source, counts in sorted(sources.items())},
    }


def show(label: str, result: dict[str, Any]) -> None:
    """Print the figures of a class."""
    print(f"\n{label}: {result['n']} sounds")
    print("  detail         n  sources  decay to -30 dB, quartiles (s)")
    for detail, row in result["details"].items():
        print(f"  {detail:10} {row['n']:5} {row['sources']:8}  {row['decay_seconds']}")
    for source, counts in result["sources"].items():
        print(f"  {source:30} " + ", ".join(f"{detail} {count}" for detail, count in sorted(counts.items())))


def main() -> None:
    """Measure the corpus, print the result, and write JSON with --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder with labels.csv")
    parser.add_argument("--sample", type=int, default=0, help="number of names to print for each class")
    parser.add_argument("--out", type=Path, nargs="?", const=RESULT, help=f"JSON; by default {RESULT.name} in reports/")
    options = parser.parse_args()
    with (options.corpus / "labels.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    rules = NamingRules.load()
    paths = [original_path(row) for row in rows]
    names = without_shared_prefixes(paths, rules)
    details = [rules.detail(row["label"], names[path]) for row, path in zip(rows, paths, strict=True)]
    result = {label: measure(options.corpus, rows, details, label) for label in DETAILS}
    for label, figures in result.items():
        show(label, figures)
        named = [
            (detail, path) for row, path, detail in zip(rows, paths, details, strict=True) if row["label"] == label
        ]
        for kind in ("with a detail", "without"):
            chosen = [item for item in named if (item[0] is None) == (kind == "without")]
            print(f"\n  {kind}:" if options.sample else "")
            for detail, path in random.Random(0).sample(chosen, min(options.sample, len(chosen))):
                print(f"    {detail or '–':9} {path}")
    if options.out:
        write_json(options.out, {"commit": head(), "classes": result})
        print(f"written: {options.out}")


if __name__ == "__main__":
    main()
