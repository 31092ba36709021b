"""Precision and coverage of the naming rules on real one-shots.

    python -m benchmarks.data.naming CORPUS [--out [FILE]]

CORPUS holds labels.csv (path, label, source, kit, original_path). The rules get the path of each clip,
once as the corpus writes it and once as its author did, without titles that all names of a folder begin with, as in
ingest; their verdict is compared with the label.
"""

import argparse
import csv
import re
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from drumspace.dataset.ingest.naming import NamingRules, Verdict
from drumspace.dataset.ingest.shared_prefixes import without_shared_prefixes
from drumspace.io.json_files import write_json
from drumspace.taxonomy import CLASSES

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "reports" / "benchmarks" / "corpus" / "naming.json"
Row = dict[str, str]
Judged = list[tuple[Row, str, Verdict]]
"""Row of labels.csv, path given to the rules, and their verdict."""


def original_path(row: Row) -> str:
    """Original path below the source; a SoundFont's sample as bank.sf2/preset/sample."""
    preset = row["kit"].rsplit(":", 1)[-1]
    return f"{row['source']}/" + re.sub(r"#\d+:", f"/{preset}/", row["original_path"])


def judge(paths: list[tuple[Row, str]], rules: NamingRules) -> Judged:
    """Verdicts of the rules on paths."""
    names = without_shared_prefixes((path for _, path in paths), rules)
    return [(row, path, rules.verdict(names[path])) for row, path in paths]


def share(part: int, whole: int) -> float | None:
    """part / whole; None if whole is 0."""
    return part / whole if whole else None


def scores(judged: Judged) -> dict[str, Any]:
    """Precision and coverage of the rules on clips, with n.

    precision: right, of the labelled clips that got a class; precision_strict: the same, a class for a clip
    without label counting as wrong; coverage: labelled clips that got a class; recall: those that got theirs.
    """
    labelled = [(row["label"], verdict.label) for row, _, verdict in judged if row["label"]]
    named = [(label, given) for label, given in labelled if given]
    right = sum(label == given for label, given in named)
    extra = sum(bool(verdict.label) for row, _, verdict in judged if not row["label"])
    return {
        "precision": share(right, len(named)),
        "precision_strict": share(right, len(named) + extra),
        "coverage": share(len(named), len(labelled)),
        "recall": share(right, len(labelled)),
        "n": len(labelled),
        "named": len(named),
        "unlabelled": len(judged) - len(labelled),
        "unlabelled_named": extra,
    }


def class_scores(judged: Judged) -> dict[str, dict[str, Any]]:
    """Precision and recall of the rules for each class."""
    table = {}
    for name in CLASSES:
        given = [row["label"] for row, _, verdict in judged if row["label"] and verdict.label == name]
        predicted = [verdict.label for row, _, verdict in judged if row["label"] == name]
        table[name] = {
            "precision": share(given.count(name), len(given)),
            "recall": share(predicted.count(name), len(predicted)),
            "given": len(given),
            "n": len(predicted),
        }
    return table


def disagreements(judged: Judged) -> list[dict[str, Any]]:
    """Contradictions by rule, verdict and label, with three examples each."""
    examples: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for row, path, verdict in judged:
        given = verdict.label or ("other" if verdict.other else "nothing")
        if row["label"] != (verdict.label or ""):
            category = "missed" if not verdict.label else "wrong" if row["label"] else "no label"
            examples[category, verdict.rule or "no rule", given, row["label"] or "no label"].append(path)
    order = {"wrong": 0, "no label": 1, "missed": 2}
    rows = sorted(examples.items(), key=lambda item: (order[item[0][0]], -len(item[1]), item[0]))
    return [
        {"kind": category, "rule": rule, "given": given, "expected": label, "count": len(paths)}
        | {"examples": sorted(paths)[:: max(1, len(paths) // 3)][:3]}
        for (category, rule, given, label), paths in rows
    ]


def measure(judged: Judged) -> dict[str, Any]:
    """Figures for one way of writing paths."""
    sources: dict[str, Judged] = defaultdict(list)
    for item in judged:
        sources[item[0]["source"]].append(item)
    return {
        **scores(judged),
        "classes": class_scores(judged),
        "sources": {name: scores(part) for name, part in sorted(sources.items())},
        "disagreements": disagreements(judged),
    }


def show(title: str, result: dict[str, Any]) -> None:
    """Print one result."""

    def percent(value: float | None) -> str:
        return "     –" if value is None else f"{value:6.3f}"

    print(f"\n{title}: {result['n']} labelled clips, {result['unlabelled']} without label")
    for key in ("precision", "precision_strict", "coverage", "recall"):
        print(f"  {key:18}{percent(result[key])}")
    print("\n  class     precision  recall     n")
    for name, row in result["classes"].items():
        print(f"  {name:10}  {percent(row['precision'])}  {percent(row['recall'])} {row['n']:5}")
    print("\n  source                         precision coverage     n  given though unlabelled")
    for name, row in result["sources"].items():
        print(f"  {name:30}    {percent(row['precision'])}   {percent(row['coverage'])} {row['n']:5}", end="")
        print(f"  {row['unlabelled_named']} of {row['unlabelled']}")
    for category in ("wrong", "no label", "missed"):
        rows = [row for row in result["disagreements"] if row["kind"] == category]
        print(f"\n  {category}: {sum(row['count'] for row in rows)} clips (rule that fired, given → expected)")
        for row in rows[:25]:
            print(f"  {row['count']:5}  {row['rule']}, {row['given']} → {row['expected']}: ", end="")
            print(", ".join(path.split("/", 1)[1] for path in row["examples"]))
        if rows[25:]:
            print(f"  {sum(row['count'] for row in rows[25:]):5}  of {len(rows) - 25} rarer cases")


def main() -> None:
    """Measure the corpus, print the result, and write JSON with --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder with labels.csv")
    parser.add_argument("--rules", type=Path, nargs="*", default=[], help="further rules, such as data/naming.yaml")
    parser.add_argument("--out", type=Path, nargs="?", const=RESULT, help=f"JSON; by default {RESULT.name} in reports/")
    options = parser.parse_args()
    with (options.corpus / "labels.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    rules = NamingRules.load(*options.rules)
    start = time.perf_counter()
    plain = [(row, row["path"].removesuffix(".flac")) for row in rows]
    original = [(row, original_path(row)) for row in rows]
    result = measure(judge(plain, rules))
    result["original_path"] = measure(judge(original, rules))
    seconds = time.perf_counter() - start
    show("Paths as the corpus writes them", result)
    show("Paths as their authors wrote them", result["original_path"])
    print(f"\n{2 * len(rows)} paths judged in {seconds:.1f} s")
    if options.out:
        write_json(options.out, result)
        print(f"written: {options.out}")


if __name__ == "__main__":
    main()
