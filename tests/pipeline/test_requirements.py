"""Imports of the code against the dependencies that pyproject.toml declares, and those against requirements.lock."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from stages_of import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FOLDERS = {"src": "pipeline", "stages": "pipeline", "tests": "dev", "benchmarks": "dev"}
"""Folders of code, each with the extra that everything it imports belongs to."""
UNIMPORTED = {
    "codespell", "import-linter", "mkdocs", "mkdocstrings", "mypy", "pandas-stubs", "pytest-socket", "pytest-xdist",
    "ruff",
    "panns-inference",  # its module is loaded by its path: the package's own start-up calls wget
    "pyarrow",  # pandas reads and writes parquet with it
    "ruamel.yaml.clib",  # makes ruamel.yaml fast
}  # fmt: skip


PARTS = {"pydantic_core": "pydantic"}
"""Modules of packages that another package requires in one exact version: they count as its part."""


def normalized(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    """Normalized names of requirements; a reference to an extra of this project stands for its list."""
    normal = set()
    for requirement in requirements:
        name, extra = re.match(r"([\w.\-]+)(?:\[(\w+)\])?", requirement).groups()  # type: ignore[union-attr]
        normal |= names(EXTRAS[extra]) if name == "drumspace" else {normalized(name)}
    return normal


def imports(path: Path) -> set[str]:
    """Top-level names of all modules that a file imports anywhere in its text."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module.partition(".")[0])
    return modules


def third_party(folder: str) -> set[str]:
    """Top-level names of modules that a folder's files import from installed packages."""
    own = {path.stem for top in FOLDERS for path in (ROOT / top).rglob("*.py")} | {"drumspace", "_lib", "benchmarks"}
    modules = {name for path in (ROOT / folder).rglob("*.py") for name in imports(path)}
    return {PARTS.get(name, name) for name in modules - own - set(sys.stdlib_module_names)}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_import_is_declared(folder: str) -> None:
    declared = names(PROJECT["dependencies"]) | names(EXTRAS[FOLDERS[folder]])
    providers = packages_distributions()
    missing = {
        module: providers.get(module)
        for module in third_party(folder)
        if not declared & {normalized(name) for name in providers.get(module, [])}
    }
    assert missing == {}


def test_every_declared_package_is_used() -> None:
    providers = packages_distributions()
    imported = {module for folder in FOLDERS for module in third_party(folder)}
    used = {normalized(name) for module in imported for name in providers.get(module, [])}
    declared = names(PROJECT["dependencies"]) | names(EXTRAS["dev"])
    assert declared - used <= {normalized(name) for name in UNIMPORTED}


def test_the_lock_holds_every_declared_package_by_version_and_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {normalized(name) for name in re.findall(r"^([\w.\-]+)==\S+(?: ; .*)? \\$", lock, re.MULTILINE)}
    assert (names(PROJECT["dependencies"]) | names(EXTRAS["dev"])) <= locked
    assert "://" not in lock
