"""Fixtures for the tests of sources; tiny_packages.py builds their archives."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from drumspace.dataset.sources.cache import Cache
from drumspace.dataset.sources.record import Context

# With its importlib mode, pytest does not add test folders to sys.path.
sys.path.append(str(Path(__file__).parent))
from tiny_packages import DPKG_DEB, Clients, Files


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Replaces all package clients except dpkg-deb; `add_download` adds a simulated one."""
    packages = Clients(tmp_path / "clients")
    monkeypatch.setenv("PATH", f"{packages.folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    for name in ("npm", "apt-get"):
        packages.program(name, "echo 'no network in tests' >&2; exit 1\n")
    if shutil.which("dpkg-deb") is None:
        script = packages.folder / "dpkg_deb.py"
        script.write_text(DPKG_DEB)
        packages.program("dpkg-deb", f'exec "{sys.executable}" "{script}" "$@"\n')
    return packages


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """Context whose retries do not wait."""
    return Context(Cache(tmp_path / "downloads"), 8000, 800, lambda text: None, retry_seconds=0)


@pytest.fixture
def tree() -> Callable[[Path], Files]:
    """Function that reads all files under a folder: relative path → bytes."""

    def read(folder: Path) -> Files:
        paths = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}

    return read
