"""dvc.yaml with its matrix stages expanded, as DVC itself resolves it."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc.repo import Repo

ROOT = Path(__file__).parents[2]


@dataclass
class Expanded:
    """One stage: its command, deps and outs from the repository's root, and the keys of params.yaml it names."""

    cmd: str
    deps: list[str]
    outs: list[str]
    params: list[str]

    @property
    def script(self) -> Path:
        """The script that the command runs."""
        return ROOT / shlex.split(self.cmd)[1]

    @property
    def source_deps(self) -> list[Path]:
        """Deps that are code, as absolute paths."""
        return [ROOT / dep for dep in self.deps if dep.startswith(("src/", "stages/"))]


def expanded(root: Path = ROOT) -> dict[str, Expanded]:
    """Every stage of `root`/dvc.yaml by name."""
    with Repo(str(root)) as repo:
        data: dict[str, Any] = {stage.addressing: stage for stage in repo.index.stages}
        result = {}
        for name, stage in data.items():
            params: list[str] = []
            for dep in stage.deps:
                params.extend(getattr(dep, "params", []))
            result[name] = Expanded(
                cmd=stage.cmd,
                deps=[dep.def_path for dep in stage.deps if not hasattr(dep, "params")],
                outs=[out.def_path for out in stage.outs],
                params=params,
            )
        return dict(sorted(result.items()))
