"""Static import closure of modules and its digest, read from their source: no module is imported or run."""

import ast
import hashlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
"""The folder that holds the package `drumspace`."""


def module_path(name: str, source: Path = SOURCE) -> Path:
    """Path that the module of this dotted name has under the folder `source`; a package has no such file."""
    return source.joinpath(*name.split(".")).with_suffix(".py")


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Dotted names of all modules that a module may import, at its top or inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def plugin_packages(tree: ast.AST) -> Iterator[str]:
    """Dotted names of the packages whose plug-ins a module loads by name: the first argument of each `Registry`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Registry":
            yield ast.literal_eval(node.args[0])


def imported_files(path: Path, plugins: Collection[Path], source: Path = SOURCE) -> set[Path]:
    """Files of `drumspace` that the module at `path` imports.

    A plug-in package counts with those of its files that are in `plugins`, or with all where none of them is: a
    plug-in that the caller forgot to name is never missed.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    files = {module_path(name, source) for name in imported_names(tree) if name.split(".")[0] == "drumspace"}
    for package in plugin_packages(tree):
        folder = source.joinpath(*package.split("."))
        files.update([plugin for plugin in plugins if plugin.parent == folder] or folder.glob("[!_]*.py"))
    return {file for file in files if file.is_file()}


def import_closure(modules: Iterable[str], source: Path = SOURCE) -> list[Path]:
    """Files of `drumspace` that these modules reach by imports, their own included, in alphabetical order.

    modules: dotted names, the plug-ins in use among them (see `imported_files`). Raises ModuleNotFoundError.
    """
    given = [module_path(name, source) for name in modules]
    for path in given:
        if not path.is_file():
            raise ModuleNotFoundError(f"there is no module {path}")
    todo, done = list(given), set()
    while todo:
        path = todo.pop()
        if path not in done:
            done.add(path)
            todo.extend(imported_files(path, given, source))
    return sorted(done)


def source_digest(modules: Iterable[str], source: Path = SOURCE) -> str:
    """SHA-256 over the names and bytes of the files in the import closure of these modules."""
    digest = hashlib.sha256()
    for path in import_closure(modules, source):
        digest.update(path.relative_to(source).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
