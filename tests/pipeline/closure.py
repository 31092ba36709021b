"""Import closure of each stage's script, read from the code: nothing is run.

`python tests/pipeline/closure.py [STAGE ...]` prints, for each stage of dvc.yaml, the folders that its script imports
from, as its deps list them.
"""

import ast
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from drumspace.io.source_digest import imported_files, imported_names, module_path

ROOT = Path(__file__).parents[2]
LEFT_OUT = {
    "src/drumspace/tracking": "MLflow runs: no output depends on them",
    "src/drumspace/errors.py": "exceptions and their base classes",
    "src/drumspace/__init__.py": "the lazy public API, which no stage uses",
    "stages/_lib": "start-up, stage runtime, paths: an output's content depends on none of them",
}
"""In no stage's deps, with the reason. test_tracking_changes_no_output shows it for tracking."""


def references(path: Path, deps: Sequence[Path]) -> set[Path]:
    """Files of this project that `path` imports anywhere in its text, plug-ins it loads, files it reads beside itself.

    Of a plug-in package only the files in `deps` count, where some of its files are listed there; all of it otherwise.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    # A section of the report reads the template of its own name; templates name others.
    files = {path.with_name(f"{path.stem}.html.jinja"), *imported_files(path, deps)}
    files.update(module_path(name, ROOT / "stages") for name in imported_names(tree) if name.startswith("_lib."))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            neighbour = path.parent / node.value
            if len(node.value) < 100 and "\n" not in node.value and neighbour.suffix != ".py":
                files.add(neighbour)
    return {file for file in files if file.is_file()}


def template_references(path: Path) -> set[Path]:
    """Templates that a template imports or includes by a name that holds no variable."""
    text = path.read_text(encoding="utf-8")
    names = re.findall(r'{%-?\s*(?:import|include|from|extends)\s+"([^"]+)"', text)
    return {file for name in names for folder in path.parents if (file := folder / name).is_file()}


def closure(script: Path, deps: Sequence[Path]) -> set[str]:
    """All files that `script` reaches, itself included, less LEFT_OUT: paths from the repository's root."""
    todo, done = [script], set()
    while todo:
        path = todo.pop()
        name = path.relative_to(ROOT).as_posix()
        if path in done or any(name == left or name.startswith(f"{left}/") for left in LEFT_OUT):
            continue
        done.add(path)
        if path.suffix == ".py":
            todo.extend(references(path, deps))
        elif path.suffix == ".jinja":
            todo.extend(template_references(path))
    return {path.relative_to(ROOT).as_posix() for path in done}


def folders(files: set[str]) -> list[str]:
    """The folders of library files; the script and files at the library's top stay files."""
    loose = {file for file in files if file.startswith("stages/") or Path(file).parent == Path("src/drumspace")}
    parents = {Path(file).parent.as_posix() for file in files - loose}
    return sorted(loose | {one for one in parents if not any(one.startswith(f"{other}/") for other in parents)})


if __name__ == "__main__":
    from stages_of import expanded

    for name, stage in expanded().items():
        if not sys.argv[1:] or name in sys.argv[1:]:
            print(f"{name}:")
            for folder in folders(closure(stage.script, stage.source_deps)):
                print(f"      - {folder}")
