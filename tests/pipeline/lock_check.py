"""Do dvc.lock and the committed results belong to the code and params beside them? Prints what does not; exit 1.

Only what git holds is compared: hashes of code, of data kept in git, of metrics, and values of params.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from stages_of import ROOT, expanded


def md5(path: Path) -> str:
    """DVC's hash of a file, or of a folder of sources."""
    if path.is_dir():
        files = [file for file in path.rglob("*") if file.is_file() and file.parent.name != "__pycache__"]
        rows = [{"md5": md5(file), "relpath": file.relative_to(path).as_posix()} for file in files]
        text = json.dumps(sorted(rows, key=lambda row: row["relpath"]), sort_keys=True)
        return f"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}.dir"
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def value_of(tree: Any, key: str) -> Any:
    """`tree` at a dotted key, or None."""
    for part in key.split("."):
        if not isinstance(tree, dict) or part not in tree:
            return None
        tree = tree[part]
    return tree


def problems(root: Path = ROOT) -> list[str]:
    """One line for each stage, file or key of dvc.lock that is not as the tree has it."""
    yaml = YAML(typ="safe")
    lock_path = root / "dvc.lock"
    if not lock_path.exists():
        return ["dvc.lock is missing: run `make repro` and commit it"]
    locked = yaml.load(lock_path.read_text(encoding="utf-8"))["stages"]
    params = yaml.load((root / "params.yaml").read_text(encoding="utf-8"))
    stages = expanded(root)
    differences = [f"{name}: in dvc.lock, not in dvc.yaml" for name in sorted(set(locked) - set(stages))]
    for name, stage in stages.items():
        if name not in locked:
            differences.append(f"{name}: not in dvc.lock")
            continue
        entry = locked[name]
        if entry["cmd"] != stage.cmd:
            differences.append(f"{name}: another command")
        recorded = {dep["path"]: dep.get("md5") for dep in entry.get("deps", [])}
        if set(recorded) != set(stage.deps):
            differences.append(f"{name}: other deps: {', '.join(sorted(set(recorded) ^ set(stage.deps)))}")
        for kind in ("deps", "outs"):
            for item in entry.get(kind, []):
                path = root / item["path"]
                in_git = kind == "deps" or item["path"].startswith(("reports/metrics/", "reports/plots/"))
                if in_git and path.exists() and not is_data(item["path"]) and md5(path) != item["md5"]:
                    differences.append(f"{name}: {item['path']} has changed")
        for key, value in entry.get("params", {}).get("params.yaml", {}).items():
            if value_of(params, key) != value:
                differences.append(f"{name}: params.yaml's {key} has changed")
    return differences


def is_data(path: str) -> bool:
    """True for what stages make and git does not hold."""
    is_output = path.startswith(("data/", "models/")) or path == "reports/report.html"
    return is_output and path not in ("data/annotations.csv", "data/naming.yaml", "data/listings")


if __name__ == "__main__":
    lines = problems()
    print("\n".join(lines) if lines else "dvc.lock and reports/metrics belong to this code and these params")
    sys.exit(1 if lines else 0)
