"""Identifiers and settings keys against the list of old names in vocabulary.yaml. Prints what is left; exit 1.

Identifiers come from the syntax tree, so that comments, docstrings and messages may use these words as plain English.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "stages", "tests", "benchmarks")
SETTINGS = ("params.yaml", "params/*.yaml")


def identifiers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of each identifier that the code defines or binds."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.lineno, node.name


def words_in(name: str) -> set[str]:
    """The lower-case words of an identifier in snake case or in capitals: `fitted_priors`, `FittedPriors`."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def keys_of(tree: Any) -> Iterator[str]:
    """All keys of nested mappings and lists."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield str(key)
            yield from keys_of(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from keys_of(value)


def problems(root: Path = ROOT) -> list[str]:
    """One line for each old name: where it is, and the word to use."""
    yaml = YAML(typ="safe")
    old: dict[str, dict[str, Any]] = yaml.load((root / "tests/pipeline/vocabulary.yaml").read_text(encoding="utf-8"))
    lines = []
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py")):
        name_of_file = path.relative_to(root).as_posix()
        words = dict(old["words"])
        for folder, more in old["folders"].items():
            words |= more if name_of_file.startswith(f"{folder}/") else {}
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name in [(1, path.stem), *identifiers(tree)]:
            new = old["names"].get(name) or next((words[word] for word in words_in(name) if word in words), None)
            if new:
                lines.append(f"{name_of_file}:{line}: `{name}`: {new}")
    for path in sorted(path for pattern in SETTINGS for path in root.glob(pattern)):
        for key in keys_of(YAML().load(path.read_text(encoding="utf-8"))):
            if key in old["keys"]:
                lines.append(f"{path.relative_to(root).as_posix()}: key `{key}`: {old['keys'][key]}")
    return lines


if __name__ == "__main__":
    old_names = problems()
    print("\n".join(old_names) if old_names else "no old name is left among identifiers and settings keys")
    sys.exit(1 if old_names else 0)
