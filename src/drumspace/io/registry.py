"""Registry of plug-ins by name: the modules of a package that holds nothing else."""

import importlib.util
from importlib import import_module
from pathlib import Path
from typing import Any

from drumspace.errors import UserError


class Registry:
    """Plug-ins of one package, each imported when it is first loaded."""

    def __init__(self, package: str, kind: str, setting: str) -> None:
        """Set up for a dotted package name; `kind` and `setting` name a plug-in and its key in errors."""
        self.package, self.kind, self.setting = package, kind, setting

    @property
    def folder(self) -> Path:
        """Folder of the package."""
        spec = importlib.util.find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(f"{self.package} is no package")
        return Path(spec.submodule_search_locations[0])

    def names(self) -> list[str]:
        """Names of all plug-ins, sorted."""
        return sorted(path.stem for path in self.folder.glob("[!_]*.py"))

    def module(self, name: str) -> str:
        """Dotted name of a plug-in's module, without import. Raises UserError for an unknown name."""
        if name not in self.names():
            raise UserError(
                f"params.yaml: `{name}` is no {self.kind}; {self.setting} can name {', '.join(self.names())}."
            )
        return f"{self.package}.{name}"

    def load(self, name: str) -> Any:
        """Import the module of a plug-in. Raises UserError for an unknown name."""
        return import_module(self.module(name))

    def settings_type(self, name: str) -> Any:
        """Return the `Settings` model of a plug-in. Raises UserError for an unknown name."""
        return self.load(name).Settings
