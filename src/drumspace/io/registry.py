"""Plug-ins by name: one module a file in a package that holds nothing else."""

import importlib.util
from importlib import import_module
from pathlib import Path
from typing import Any

from drumspace.errors import UserError


class Registry:
    """The plug-ins of one package. Nothing is imported before a plug-in is asked for."""

    def __init__(self, package: str, kind: str, setting: str) -> None:
        """`package`: its dotted name; `kind`: what a plug-in is called in errors; `setting`: the key that names one."""
        self.package, self.kind, self.setting = package, kind, setting

    @property
    def folder(self) -> Path:
        """The folder of the package."""
        spec = importlib.util.find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(f"{self.package} is no package")
        return Path(spec.submodule_search_locations[0])

    def names(self) -> list[str]:
        """Names of all plug-ins, sorted."""
        return sorted(path.stem for path in self.folder.glob("[!_]*.py"))

    def module(self, name: str) -> str:
        """The dotted name of a plug-in's module, which is not imported. Raises UserError for an unknown name."""
        if name not in self.names():
            raise UserError(
                f"params.yaml: `{name}` is no {self.kind}; {self.setting} can name {', '.join(self.names())}."
            )
        return f"{self.package}.{name}"

    def load(self, name: str) -> Any:
        """The module of a plug-in. Raises UserError for an unknown name."""
        return import_module(self.module(name))

    def settings_type(self, name: str) -> Any:
        """The plug-in's `Settings` model. Raises UserError for an unknown name."""
        return self.load(name).Settings
