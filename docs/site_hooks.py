"""Hooks of the documentation site: pages from CONTRIBUTING.md, CHANGELOG.md and the docstrings of the library."""

import ast
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "src" / "drumspace"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add pages that are not files of docs/: mkdocs calls this after it has collected the files."""
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        text = re.sub(r"\(docs/", "(", (ROOT / name).read_text(encoding="utf-8"))
        files.append(File.generated(config, name.lower(), content=text))
    packages = sorted(path.name for path in LIBRARY.iterdir() if (path / "__init__.py").is_file())
    rows = [f"- [drumspace.{name}]({name}.md): {summary(LIBRARY / name / '__init__.py')}" for name in packages]
    public = "::: drumspace\n\n::: drumspace.api\n"
    index = "# API\n\nModules by package, from their docstrings.\n\n" + "\n".join(rows) + f"\n\n{public}"
    files.append(File.generated(config, "api/index.md", content=index))
    for name in packages:
        files.append(File.generated(config, f"api/{name}.md", content=package_page(name)))
    return files


def package_page(name: str) -> str:
    """Markdown of a package's page: its docstring, then every module that holds public names."""
    folder = LIBRARY / name
    modules = sorted(path for path in folder.rglob("*.py") if path.name != "__init__.py")
    names = [".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts) for path in modules]
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    return f"# drumspace.{name}\n\n{docstring}\n\n" + "\n\n".join(f"::: {module}" for module in names) + "\n"


def summary(path: Path) -> str:
    """First line of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.split("\n")[0]
