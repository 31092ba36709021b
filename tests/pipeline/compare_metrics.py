"""Compare two folders of metrics, such as reports/metrics of two runs: `compare_metrics.py BEFORE AFTER`.

Keys that were renamed between them are listed in renamed_metrics.yaml beside this file: {file: {old: new}}. Prints each
value that differs, is missing or is new; exit 1 where there is one.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

RENAMED = Path(__file__).with_name("renamed_metrics.yaml")


def leaves(tree: Any, names: dict[str, str], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names, with `names` (old → new) applied to each part, and values that are no mapping and no list."""
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from leaves(value, names, f"{prefix}.{names.get(key, key)}" if prefix else names.get(key, key))
    elif isinstance(tree, list) and tree:
        for index, value in enumerate(tree):
            yield from leaves(value, names, f"{prefix}.{index}")
    else:
        yield prefix, names.get(tree, tree) if isinstance(tree, str) else tree


def differences(before: Path, after: Path, renamed: dict[str, dict[str, str]]) -> tuple[list[str], int]:
    """A line for each difference between the JSON files of two folders, and how many values are equal."""
    lines, equal = [], 0
    files = sorted({path.name for folder in (before, after) for path in folder.glob("*.json")})
    for file in files:
        if not all((folder / file).exists() for folder in (before, after)):
            lines.append(f"{file}: in one folder alone")
            continue
        names = {**renamed.get("all", {}), **renamed.get(file, {})}
        old = dict(leaves(json.loads((before / file).read_text(encoding="utf-8")), names))
        new = dict(leaves(json.loads((after / file).read_text(encoding="utf-8")), names))
        for key in [*old, *(key for key in new if key not in old)]:
            if old.get(key, "missing") == new.get(key, "missing"):
                equal += 1
            else:
                lines.append(f"{file}: {key}: {old.get(key, 'missing')} → {new.get(key, 'missing')}")
    return lines, equal


def main() -> None:
    """Run the command."""
    before, after = (Path(argument) for argument in sys.argv[1:3])
    renamed = YAML(typ="safe").load(RENAMED.read_text(encoding="utf-8")) if RENAMED.exists() else {}
    lines, equal = differences(before, after, renamed or {})
    print("\n".join([*lines, f"{equal} values equal, {len(lines)} not"]))
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
