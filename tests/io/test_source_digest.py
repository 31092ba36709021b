"""The source digest changes with any imported module and with nothing else."""

from pathlib import Path

import pytest

from drumspace.io.source_digest import import_closure, source_digest

FILES = {
    "main.py": "from drumspace.part import helper\n\ndef later():\n    from drumspace.lazy import value\n",
    "part.py": "import drumspace.deep.inner\nimport os\n",
    "deep/inner.py": "",
    "lazy.py": "value = 1\n",
    "registry.py": 'from drumspace.io.registry import Registry\nPLUGINS = Registry("drumspace.plugins", "p", "p")\n',
    "plugins/__init__.py": "",
    "plugins/one.py": "",
    "plugins/two.py": "import drumspace.deep.inner\n",
    "unrelated.py": "",
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Write a small package `drumspace` and return its parent folder."""
    for name, text in FILES.items():
        path = tmp_path / "drumspace" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def names(source: Path, *modules: str) -> list[str]:
    return [path.relative_to(source / "drumspace").as_posix() for path in import_closure(modules, source)]


def test_imports_are_followed_also_those_inside_functions(source: Path) -> None:
    assert names(source, "drumspace.main") == ["deep/inner.py", "lazy.py", "main.py", "part.py"]


def test_a_registry_brings_the_plugins_named_or_all(source: Path) -> None:
    assert names(source, "drumspace.registry", "drumspace.plugins.one") == ["plugins/one.py", "registry.py"]
    assert names(source, "drumspace.registry") == ["deep/inner.py", "plugins/one.py", "plugins/two.py", "registry.py"]


@pytest.mark.parametrize("name", ["main.py", "part.py", "deep/inner.py", "lazy.py"])
def test_an_edit_of_any_imported_file_changes_the_digest(source: Path, name: str) -> None:
    before = source_digest(["drumspace.main"], source)
    path = source / "drumspace" / name
    path.write_text(path.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    assert source_digest(["drumspace.main"], source) != before


def test_an_edit_of_an_unrelated_file_keeps_the_digest(source: Path) -> None:
    before = source_digest(["drumspace.main"], source)
    (source / "drumspace" / "unrelated.py").write_text("# edited\n", encoding="utf-8")
    assert source_digest(["drumspace.main"], source) == before


def test_the_order_of_modules_does_not_matter(source: Path) -> None:
    modules = ["drumspace.main", "drumspace.plugins.one"]
    assert source_digest(modules, source) == source_digest(modules[::-1], source)


def test_a_module_that_does_not_exist_is_an_error(source: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match="nothing"):
        source_digest(["drumspace.nothing"], source)
