"""Which source files a stage's script reaches by import: read from the code, nothing is run.

`python tests/pipeline/closure.py` prints the files of every stage of dvc.yaml, as its deps must list them.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
UNNAMED = tuple(f"drumspace.synth.{each}." for each in ("architectures", "discriminators", "priors", "strategies"))
"""Registries whose names are not those of a stage's items, even where they look alike: all of it counts."""


def module_file(name: str) -> Path | None:
    """The file of a module of this project (package `drumspace`, or a script's neighbour in stages/)."""
    base = SOURCE / Path(*name.split(".")) if name.split(".")[0] == "drumspace" else ROOT / "stages" / name
    if base.with_suffix(".py").is_file():
        return base.with_suffix(".py")
    return None


def references(path: Path, item: str | None) -> set[Path]:
    """Files of this project that `path` imports anywhere in its text, names in a registry, or reads beside itself.

    A registry is a dict literal from names to module paths, or an f-string of a package and a module's name: with an
    `item` among its names only that one counts.
    """
    # A page's section reads the template of its own name; templates name others.
    found: set[Path | None] = {path.with_name(f"{path.stem}.html.jinja")}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(module_file(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(module_file(node.module))
            found.update(module_file(f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Dict):
            table = {
                key.value: value.value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
                and isinstance(value, ast.Constant)
                and isinstance(value.value, str)
                and value.value.startswith("drumspace.")
            }
            listed = [table[item]] if item in table else table.values()
            found.update(module_file(name) for name in listed)
        elif isinstance(node, ast.JoinedStr):
            package = str(node.values[0].value) if node.values and isinstance(node.values[0], ast.Constant) else ""
            if package.startswith("drumspace.") and package.endswith("."):
                folder = SOURCE / Path(*package.split("."))
                chosen = folder / f"{item}.py"
                named = chosen.is_file() and package not in UNNAMED
                found.update([chosen] if named else folder.glob("[!_]*.py"))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            beside = path.parent / node.value
            if len(node.value) < 100 and "\n" not in node.value and beside.suffix != ".py" and beside.is_file():
                found.add(beside)
    return {file for file in found if file and file.is_file()}


def template_references(path: Path) -> set[Path]:
    """Templates that a template imports or includes by a name that holds no variable."""
    text = path.read_text(encoding="utf-8")
    names = re.findall(r'{%-?\s*(?:import|include|from|extends)\s+"([^"]+)"', text)
    return {file for name in names for folder in path.parents if (file := folder / name).is_file()}


def closure(script: Path, item: str | None) -> set[str]:
    """All files that `script` reaches, as paths from the repository's root; the script is one of them."""
    todo, done = [script], set()
    while todo:
        path = todo.pop()
        if path in done:
            continue
        done.add(path)
        if path.suffix == ".py":
            todo.extend(references(path, item))
        elif path.suffix == ".jinja":
            todo.extend(template_references(path))
    return {path.relative_to(ROOT).as_posix() for path in done}


if __name__ == "__main__":
    from stages_of import expanded

    for name, stage in expanded().items():
        if not sys.argv[1:] or name in sys.argv[1:]:
            print(f"{name}:")
            for file in sorted(closure(*stage.script)):
                print(f"      - {file}")
